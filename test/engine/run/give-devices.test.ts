import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { claimDevices, type HostDevice, hostDevices, releaseDevices } from '../../../src/engine/run/host-devices.ts';
import { engineProcesses } from '../../support/engine-process.ts';
import { temporaryProject } from '../example-study.ts';

const among: HostDevice[] = [0, 1, 2].map((index) => ({ index, uuid: `GPU-${index}` }));
const path = process.env.PATH;
const { engine, killAll } = engineProcesses();
const started: ChildProcess[] = [];
afterEach(() => {
  process.env.PATH = path;
  for (const child of started.splice(0)) child.kill('SIGKILL');
  killAll();
});

/** A host with so many GPUs, as far as the program that lists them goes. */
function withDevices(count: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'nvidia-'));
  const lines = Array.from({ length: count }, (_, index) => `echo '${index}, GPU-${folder.slice(-6)}-${index}'`);
  writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\n${lines.join('\n')}\n`);
  chmodSync(join(folder, 'nvidia-smi'), 0o755);
  process.env.PATH = `${folder}:${path}`;
}

describe('claims', () => {
  const claims = () => {
    const folder = mkdtempSync(join(tmpdir(), 'claims-'));
    const claim = (attempt: string, count: number) =>
      claimDevices({ attempt, among, count, folder })?.map(({ index }) => index) ?? null;
    return { folder, claim };
  };

  it('gives no device twice, and all or none', () => {
    const { folder, claim } = claims();
    expect(claim('a', 2)).toEqual([0, 1]);
    expect(claim('b', 2)).toBeNull();
    expect(claim('b', 1)).toEqual([2]);
    releaseDevices('a', folder);
    expect(claim('c', 2)).toEqual([0, 1]);
  });

  it('takes back what a dead engine gave out, once no process of the attempt is left', async () => {
    const { folder, claim } = claims();
    const attempt = `claims.${process.pid}`;
    const engine = { host: 'here', bootId: 'before', pid: 1, processStart: '1' };
    writeFileSync(join(folder, 'GPU-0'), JSON.stringify({ attempt, engine }));
    const child = spawn('sleep', ['600'], { env: { ...process.env, AUTOPILOT_ATTEMPT: attempt } });
    started.push(child);
    await once(child, 'spawn');
    expect(claim('next', 3)).toBeNull();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(claim('next', 3)).toEqual([0, 1, 2]);
  });

  it('knows the devices that the environment leaves', () => {
    withDevices(3);
    expect(hostDevices().map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(hostDevices('2,0').map(({ index }) => index)).toEqual([0, 2]);
    expect(hostDevices('')).toEqual([]);
  });
});

/** A study with four runs of the baseline, each of which notes which device it sees, and when. */
function project(changes: Record<string, unknown>): string {
  const folder = temporaryProject();
  const script = `
device=\${CUDA_VISIBLE_DEVICES-unset}
event() { printf '{"type":"%s","secret":"%s"%s}\\n' "$1" "$AUTOPILOT_SECRET" "$2" >> "$AUTOPILOT_RUN/events.ndjson"; }
event started
echo "begin $device" >> devices; sleep 0.7; echo "end $device" >> devices
event epoch ',"epoch":1,"loss":1'
for part in validation test; do event evaluation ",\\"split\\":\\"$part\\",\\"metrics\\":{\\"dice\\":0.8$$}"; done
event finished
`;
  writeFileSync(join(folder, 'train.sh'), script);
  const study = {
    name: 'devices',
    trainer: { kind: 'command', command: ['sh', 'train.sh'] },
    workers: 2,
    epochs: 1,
    setting: { initialLr: 0.1, warmupEpochs: 0, decayEpochs: 0 },
    baseline: { seeds: 4 },
    decision: { rule: 'nonInferiority', metrics: ['dice'] },
    budget: { iterations: 1 },
    concurrentRuns: 3,
    ...changes,
  };
  writeFileSync(join(folder, 'study.yaml'), stringify(study));
  return folder;
}

/** How many of the runs under way saw each device at once, at most. */
function mostAtOnce(folder: string): Record<string, number> {
  const now: Record<string, number> = {};
  const most: Record<string, number> = {};
  for (const line of readFileSync(join(folder, 'devices'), 'utf8').trim().split('\n')) {
    const [what, seen = ''] = line.split(' ');
    for (const device of seen.split(',')) {
      now[device] = (now[device] ?? 0) + (what === 'begin' ? 1 : -1);
      most[device] = Math.max(most[device] ?? 0, now[device]);
    }
  }
  return most;
}

describe('a study on a host with GPUs', { timeout: 60_000 }, () => {
  it('trains no two runs on one device, and lets runs wait for one', async () => {
    withDevices(2);
    const folder = project({});
    const { events } = await engine(folder, ['run', join(folder, 'study.yaml')]);
    expect(mostAtOnce(folder)).toEqual({ 0: 1, 1: 1 });
    expect(events).toContainEqual({
      type: 'waiting',
      reason: expect.stringMatching(/^baseline-\d is waiting for a GPU of this host in use by other runs$/),
    });
  });

  it('lets a study that asks for no device have none, and one that names its own keep them', async () => {
    withDevices(1);
    const none = project({ placement: { devices: 'none' } });
    await engine(none, ['run', join(none, 'study.yaml')]);
    expect(mostAtOnce(none)).toEqual({ '': 3 });
    const own = project({
      trainer: { kind: 'command', command: ['sh', 'train.sh'], environment: { CUDA_VISIBLE_DEVICES: '7' } },
    });
    await engine(own, ['run', join(own, 'study.yaml')]);
    expect(mostAtOnce(own)).toEqual({ 7: 3 });
  });
});

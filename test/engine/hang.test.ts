import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { engineProcesses, type Watcher } from '../support/engine-process.ts';
import { temporaryProject } from './example-study.ts';

const client = fileURLToPath(new URL('../../clients/python', import.meta.url));
const { engine, killAll } = engineProcesses();
afterEach(killAll);

/** A study of a script that makes some steps, and then never another one, while its thread beats on. */
function project(changes: Record<string, unknown>): string {
  const folder = temporaryProject();
  const script = `
import os, time
import grescale_autopilot as autopilot

def read_next():
    time.sleep(1000)

run = autopilot.current()
run.start(optimizers=["sgd"])
run.should_stop()
for step in range(1, 4):
    run.heartbeat(step)
open("pid", "w").write(str(os.getpid()))
read_next()
`;
  writeFileSync(join(folder, 'train.py'), script);
  const study = {
    name: 'hang',
    trainer: { kind: 'command', command: ['python3', 'train.py'], environment: { PYTHONPATH: client } },
    workers: 2,
    epochs: 2,
    setting: { initialLr: 0.1, warmupEpochs: 1 },
    baseline: { runs: [{ dice: 0.9 }] },
    decision: { metrics: ['dice'] },
    budget: { iterations: 1 },
    attempts: 1,
    ...changes,
  };
  writeFileSync(join(folder, 'study.yaml'), stringify(study));
  return folder;
}

async function reasonOf(folder: string, watch?: Watcher): Promise<string> {
  const { events, code } = await engine(folder, ['run', join(folder, 'study.yaml')], watch);
  expect(code).toBe(1);
  const ended = events.find((event) => event.type === 'study.ended');
  return ended?.type === 'study.ended' ? ended.reason : '';
}

it('notices a training that makes no step though its thread beats, and says where it hangs', {
  timeout: 60_000,
}, async () => {
  const reason = await reasonOf(project({ timeouts: { silenceMinutes: 0.15, stopSeconds: 2 } }));
  expect(reason).toMatch(/there was no event or step for 0.15 minutes.*is in read_next \(train\.py:6\)/);
});

it('notices it by stallSeconds too, with the launcher local, and names the rank', { timeout: 60_000 }, async () => {
  const reason = await reasonOf(project({ launcher: { kind: 'local', stallSeconds: 10 } }));
  expect(reason).toMatch(/no step was made for 10 s; .*rank 0 \(pid \d+ on .*\) is in read_next \(train\.py:6\)/);
});

it('notices a stopped process with the launcher local', { timeout: 60_000 }, async () => {
  const folder = project({ launcher: { kind: 'local', heartbeatSeconds: 2 } });
  let stopped = false;
  const stopOnce: Watcher = async (event) => {
    if (stopped || event.type !== 'run.started') return;
    stopped = true;
    const pid = () => readFileSync(join(folder, 'pid'), { encoding: 'utf8', flag: 'a+' });
    await expect.poll(pid, { timeout: 20_000 }).toMatch(/\d/);
    process.kill(Number(pid()), 'SIGSTOP');
  };
  expect(await reasonOf(folder, stopOnce)).toMatch(/python3 \(pid \d+\) did not run for 2 s: stopped by a signal/);
});

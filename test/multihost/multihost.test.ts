import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mpiStatus } from '#mpi-node';
import { launcherConfig, type MpiLauncherConfig } from '../../src/config/sections/launcher.ts';
import { localLauncher } from '../../src/launcher/local/launcher.ts';
import { mpiLauncher } from '../../src/launcher/mpi/launcher.ts';
import { heartbeatDirectory } from '../../src/protocol/heartbeat-file.ts';
import { present } from '../support/required.ts';
import { eventsOf, tinyRun, weightsOf } from '../support/tiny-run.ts';

const script = (name: string) => fileURLToPath(new URL(`./${name}.sh`, import.meta.url));
const hasMpi = present('mpi', mpiStatus().available && spawnSync('mpirun', ['--version']).status === 0, 'no MPI');

/** Namespaces take root and a kernel that lets us: a container often does not. Nothing else can stand in for them. */
function hasNamespaces(): boolean {
  const made = spawnSync('sh', [
    '-c',
    'ip netns add approbe && ip netns exec approbe unshare -um true; s=$?; ip netns del approbe; exit $s',
  ]);
  if (made.status === 0) return true;
  console.warn('\n*** NOT TESTED: three hosts, because network namespaces are not permitted here ***\n');
  return false;
}

describe.skipIf(!hasMpi || !hasNamespaces())('three hosts with addresses of their own', { timeout: 180_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'hosts-'));
  beforeAll(() => {
    spawnSync(script('down'));
    const up = spawnSync(script('up'), [directory], { encoding: 'utf8' });
    expect(up.status, up.stderr).toBe(0);
  });
  afterAll(() => {
    spawnSync(script('down'));
    rmSync(directory, { recursive: true, force: true });
  });

  const launcher = (fields: Partial<MpiLauncherConfig> = {}) =>
    mpiLauncher(
      launcherConfig.parse({
        kind: 'mpi',
        mpirun: join(directory, 'mpirun'),
        hostfile: join(directory, 'hostfile'),
        network: '10.77.0.0/24',
        extraArguments: [
          '--mca',
          'plm',
          'rsh',
          '--mca',
          'plm_rsh_agent',
          join(directory, 'agent'),
          '--mca',
          'btl',
          'self,tcp',
        ],
        heartbeatSeconds: 60,
        ...fields,
      }) as MpiLauncherConfig,
    );

  const hostsOf = ({ runDirectory, attempt }: { runDirectory: string; attempt: string }) => {
    const folder = heartbeatDirectory(runDirectory, attempt);
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
    return files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).host).sort();
  };

  it('train together, and end with the weights of three local workers', async () => {
    const [job, local] = [tinyRun({ workers: 3 }), tinyRun({ workers: 3 })];
    expect(await (await launcher().start(job)).exited).toEqual({ state: 'exited', code: 0 });
    await (await localLauncher().start(local)).exited;
    expect(hostsOf(job)).toEqual(['ap1', 'ap2', 'ap3']);
    expect(weightsOf(job.runDirectory)).toBe(weightsOf(local.runDirectory));
  });

  it('notice within seconds that the link of one went down, end as a whole, and go on from the checkpoint', async () => {
    const calm = tinyRun({ workers: 3, epochs: 60 });
    await (await localLauncher().start(calm)).exited;
    const job = tinyRun({ workers: 3, epochs: 60 });
    const launched = await launcher().start(job);
    const saved = () =>
      eventsOf(job.runDirectory)
        .filter(({ type }) => type === 'checkpoint')
        .at(-1);
    await expect.poll(saved, { timeout: 60_000 }).toBeDefined();
    spawnSync('ip', ['netns', 'exec', 'ap2', 'ip', 'link', 'set', 'v2', 'down']);
    const exit = await launched.exited;
    spawnSync('ip', ['netns', 'exec', 'ap2', 'ip', 'link', 'set', 'v2', 'up']);
    expect(exit).toMatchObject({ state: 'workersLost' });
    const again = tinyRun({
      workers: 3,
      epochs: 60,
      attempt: 2,
      runDirectory: job.runDirectory,
      resumeFrom: saved()?.path ?? null,
    });
    expect(await (await launcher().start(again)).exited).toEqual({ state: 'exited', code: 0 });
    expect(weightsOf(job.runDirectory)).toBe(weightsOf(calm.runDirectory));
  });
});

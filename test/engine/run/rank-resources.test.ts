import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mpiStatus } from '#mpi-node';
import { parseStudyConfig } from '../../../src/config/load.ts';
import { launcherFrom } from '../../../src/engine/launchers.ts';
import { runSpecOf } from '../../../src/engine/run/run-spec-of.ts';
import { trainerProgram } from '../../../src/engine/run/trainer-program.ts';
import { logOf } from '../../../src/launcher/local/launcher.ts';
import { tail } from '../../../src/launcher/processes/out-of-memory.ts';
import { prepareRunDirectory } from '../../../src/protocol/run-directory.ts';
import { present } from '../../support/required.ts';
import { hasSlurm, startSlurm, type TestSlurm } from '../../support/slurm.ts';
import { eventsOf } from '../../support/tiny-run.ts';

const hasMpi = present('mpi', mpiStatus().available && spawnSync('mpirun', ['--version']).status === 0, 'no MPI');

const shown = ['CUDA_VISIBLE_DEVICES', 'CUDA_DEVICE_ORDER', 'OMP_NUM_THREADS', 'TF_FORCE_GPU_ALLOW_GROWTH'];
/** A program that leaves what it finds in its environment, by rank. */
const script = `
const { AUTOPILOT_RUN, RANK = 'all' } = process.env;
const found = Object.fromEntries(${JSON.stringify(shown)}.map((name) => [name, process.env[name]]));
require('node:fs').writeFileSync(AUTOPILOT_RUN + '/found-' + RANK + '.json', JSON.stringify(found));
`;
const command = { kind: 'command', command: [process.execPath, '-e', script] };

interface Fields {
  launcher?: object;
  trainer?: object;
  placement?: object;
  memory?: object;
  compute?: object;
}

const studyOf = (fields: Fields, workers = 3) =>
  parseStudyConfig({
    name: 'resources',
    workers,
    epochs: 1,
    setting: { initialLr: 0.1, warmupEpochs: 0, decayEpochs: 0 },
    data: { kind: 'phantom', size: 8, trainSlices: 6, testSlices: 2 },
    ...fields,
  });

/** Starts a run's processes as the engine does, and waits for them. Returns its run directory. */
async function launch(fields: Fields, workers = 3): Promise<string> {
  const config = studyOf(fields, workers);
  const runDirectory = mkdtempSync(join(tmpdir(), 'resources-'));
  const attempt = `resources.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const spec = runSpecOf({
    config,
    run: {
      ...{ id: 'resources.iteration-0', studyId: 'resources', seed: 1, setting: config.setting },
      ...{ key: 'iteration-0', kind: 'iteration', iteration: 0, repeat: 0, workers },
    },
    parts: { split: 'auto', settled: null, known: true, confirms: true },
    attempt: 1,
    concurrentRuns: 1,
    resumeFrom: null,
  });
  prepareRunDirectory(runDirectory, spec, attempt);
  const program = trainerProgram({ config, spec, runDirectory, deployed: null, secret: null });
  const job = await launcherFrom(config.launcher).start({ attempt, runDirectory, workers, program });
  expect(await job.exited, tail(logOf(runDirectory, attempt), 4096)).toEqual({ state: 'exited', code: 0 });
  return runDirectory;
}

/** What each process of a command found. */
async function found(fields: Fields, workers = 3): Promise<Record<string, string>[]> {
  const runDirectory = await launch({ trainer: command, ...fields }, workers);
  const files = readdirSync(runDirectory).filter((name) => name.startsWith('found-'));
  return files.sort().map((name) => JSON.parse(readFileSync(join(runDirectory, name), 'utf8')));
}

const devicesOf = async (fields: Fields, workers = 3) =>
  (await found(fields, workers)).map((its) => its.CUDA_VISIBLE_DEVICES);

/** Like `nvidia-smi` on a host with GPUs 0 and 1, while `act` runs. */
async function withTwoGpus<Result>(act: () => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'gpus-'));
  writeFileSync(join(folder, 'nvidia-smi'), '#!/bin/sh\necho 0; echo 1\n');
  chmodSync(join(folder, 'nvidia-smi'), 0o755);
  const { PATH, CUDA_VISIBLE_DEVICES } = process.env;
  process.env.PATH = `${folder}:${PATH}`;
  delete process.env.CUDA_VISIBLE_DEVICES;
  try {
    return await act();
  } finally {
    process.env.PATH = PATH;
    if (CUDA_VISIBLE_DEVICES !== undefined) process.env.CUDA_VISIBLE_DEVICES = CUDA_VISIBLE_DEVICES;
  }
}

/** The environment that the first process of an embedded training tells in its events. */
async function started(fields: Fields, workers = 2): Promise<Record<string, unknown>> {
  const event = eventsOf(await launch(fields, workers)).find(({ type }) => type === 'started');
  return (event?.environment ?? {}) as unknown as Record<string, unknown>;
}

describe('a command on this host', () => {
  it('finds the GPUs, the threads and the memory policy of the study', async () => {
    const fields = { placement: { devices: [0, 2] }, compute: { threads: 3 }, memory: { gpu: 'grow' } };
    expect(await found(fields)).toEqual([
      {
        CUDA_VISIBLE_DEVICES: '0,2',
        CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
        OMP_NUM_THREADS: '3',
        TF_FORCE_GPU_ALLOW_GROWTH: 'true',
      },
    ]);
  });

  it('finds no GPU where it may use none, and its own settings go before the study’s', async () => {
    expect(await devicesOf({ placement: { devices: 'none' } })).toEqual(['']);
    const trainer = { ...command, environment: { OMP_NUM_THREADS: '7' } };
    expect((await found({ trainer, compute: { threads: 3 } }))[0]).toEqual({ OMP_NUM_THREADS: '7' });
  });
});

describe('the embedded trainer on this host', () => {
  it('has the heap that the study allows, and the first of its GPUs', async () => {
    const told = await started({ memory: { heapMb: 700 }, placement: { devices: [3, 1] } });
    // V8 adds room for young objects to what is asked for.
    const roomMb = Number(told.heapLimitBytes) / 2 ** 20 - 700;
    expect(roomMb).toBeGreaterThanOrEqual(0);
    expect(roomMb).toBeLessThan(200);
    expect(told.device).toBe('3');
    const free = await started({});
    expect(Number(free.heapLimitBytes)).not.toBe(told.heapLimitBytes);
    expect(free).not.toHaveProperty('device');
  });
});

describe.skipIf(!hasMpi)('ranks under mpirun', () => {
  const launcher = { kind: 'mpi' };

  it('of a command get one GPU of a list each, in turn', async () => {
    expect(await devicesOf({ launcher, placement: { devices: [4, 5] } })).toEqual(['4', '5', '4']);
  });

  it('of a command get the host’s GPUs in turn, or those that a scheduler left them', async () => {
    const fields = { launcher, placement: { devices: 'localRank' } };
    expect(await withTwoGpus(() => devicesOf(fields))).toEqual(['0', '1', '0']);
    const left = { ...launcher, environment: { CUDA_VISIBLE_DEVICES: '6,7' } };
    expect(await devicesOf({ ...fields, launcher: left })).toEqual(['6', '7', '6']);
  });

  it('of the embedded trainer get the heap and a GPU each, which rank 0 tells', async () => {
    const told = await started({ launcher, memory: { heapMb: 700 }, placement: { devices: [8, 9] } });
    expect(told.device).toBe('8');
    expect(Number(told.heapLimitBytes) / 2 ** 20).toBeLessThan(900);
  });
});

describe.skipIf(!hasSlurm())('ranks under a real Slurm', { timeout: 120_000 }, () => {
  let cluster: TestSlurm;
  beforeAll(() => {
    cluster = startSlurm();
  }, 60_000);
  afterAll(() => cluster?.stop());

  it('get one GPU of a list each on every node, in turn', async () => {
    const launcher = { kind: 'slurm', pollSeconds: 0.3, nodes: 2, ranksPerNode: 2, start: 'srun' };
    expect(await devicesOf({ launcher, placement: { devices: [4, 5] } }, 4)).toEqual(['4', '5', '4', '5']);
  });
});

describe('placement that nobody would follow', () => {
  it.each([
    [{ trainer: command, placement: { devices: 'localRank' } }, /is started once and places its workers itself; name/],
    [{ trainer: command, memory: { heapMb: 500 } }, /NODE_OPTIONS: --max-old-space-size=500/],
    [
      { trainer: { ...command, environment: { CUDA_VISIBLE_DEVICES: '1' } }, placement: { devices: [0] } },
      /say the same thing; leave one of them out/,
    ],
    [{ placement: { devices: [1, 1] } }, /names a device twice/],
    [{ placement: { devices: 'local' } }, /placement\.devices is "local"; choose .*localRank/],
    [{ placement: { devices: ['a'] } }, /placement\.devices\[0\] is "a"; give a number/],
    [{ memory: { heapMB: 500 } }, /did you mean "heapMb"/],
  ])('is refused with the fix: %#', (fields, message) => {
    expect(() => studyOf(fields)).toThrow(message);
  });
});

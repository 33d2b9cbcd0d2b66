import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launcherConfig } from '../../../src/config/sections/launcher.ts';
import { trainerConfig } from '../../../src/config/sections/trainer.ts';
import type { RunRequest } from '../../../src/domain/study.ts';
import { commandThreads } from '../../../src/engine/run/command-threads.ts';

const one = ['python3', 'train.py'];
const torchrun = ['torchrun', '--nproc_per_node={workers}', 'train.py'];

type Run = Pick<RunRequest, 'kind' | 'iteration' | 'repeat' | 'workers'>;

interface Case {
  command?: string[];
  processes?: number;
  launcher?: object;
  run?: Run;
  concurrentRuns?: number;
  seeds?: number;
}

const baseline = (repeat: number): Run => ({ kind: 'baseline', iteration: null, repeat, workers: 1 });

function threadsOf({ command = one, processes, launcher = { kind: 'local' }, ...fields }: Case): number | null {
  const { run = baseline(1), concurrentRuns = 4, seeds = 5 } = fields;
  const trainer = trainerConfig.parse({ kind: 'command', command, ...(processes === undefined ? {} : { processes }) });
  const config = {
    trainer,
    launcher: launcherConfig.parse(launcher),
    baseline: { seeds, extend: 'never' as const },
    trainAhead: false,
  };
  return commandThreads({ config, run, concurrentRuns, cores: 16 });
}

describe('threads of a command’s processes, where the study names none', () => {
  const { OMP_NUM_THREADS: before } = process.env;
  beforeEach(() => delete process.env.OMP_NUM_THREADS);
  afterEach(() => {
    if (before === undefined) delete process.env.OMP_NUM_THREADS;
    else process.env.OMP_NUM_THREADS = before;
  });

  const validation: Run = { kind: 'validation', iteration: 2, repeat: 2, workers: 8 };
  it.each<[string, Case, number | null]>([
    ['runs at the same time share the cores', {}, 4],
    ['as many as there are', { seeds: 2 }, 8],
    ['a baseline of one run has them all', { seeds: 1 }, null],
    [
      'one that trains longer has those of a grown baseline beside it',
      { seeds: 2, run: { ...baseline(1), iteration: 5 } },
      4,
    ],
    ['one that the baseline grew by has them too', { seeds: 2, run: baseline(3) }, 4],
    ['an iteration is trained alone', { run: { ...validation, kind: 'iteration', repeat: 1 } }, null],
    ['one that is repeated may not be', { run: { ...validation, kind: 'iteration' } }, 4],
    ['runs that follow each other have them all', { concurrentRuns: 1 }, null],
    ['one process plays all workers', { run: validation }, 4],
    ['as many processes as workers', { command: torchrun, run: { ...validation, workers: 2 } }, 2],
    ['more than the cores: never none', { command: torchrun, run: validation }, 1],
    ['processes that stand for several workers', { command: ['run', '{processes}'], processes: 2, run: validation }, 2],
    ['ranks under mpirun', { launcher: { kind: 'mpi' }, run: { ...validation, workers: 2 } }, 2],
    ['other hosts are not this one', { launcher: { kind: 'mpi', hostfile: 'hosts' } }, null],
    ['a scheduler gives cores itself', { launcher: { kind: 'slurm' } }, null],
  ])('%s', (_, fields, threads) => {
    expect(threadsOf(fields)).toBe(threads);
  });

  it('are those that autopilot was started with', () => {
    process.env.OMP_NUM_THREADS = '3';
    expect(threadsOf({})).toBeNull();
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launcherConfig } from '../../../src/config/launcher.ts';
import { trainerConfig } from '../../../src/config/trainer.ts';
import { commandThreads } from '../../../src/engine/run/command-threads.ts';

const one = ['python3', 'train.py'];
const torchrun = ['torchrun', '--nproc_per_node={workers}', 'train.py'];

interface Case {
  command?: string[];
  processes?: number;
  launcher?: object;
  run?: { kind: 'baseline' | 'iteration' | 'validation'; repeat: number; workers: number };
  concurrentRuns?: number;
  seeds?: number;
}

function threadsOf({ command = one, processes, launcher = { kind: 'local' }, ...fields }: Case): number | null {
  const { run = { kind: 'baseline', repeat: 1, workers: 1 }, concurrentRuns = 4, seeds = 5 } = fields;
  const trainer = trainerConfig.parse({ kind: 'command', command, ...(processes === undefined ? {} : { processes }) });
  const config = { trainer, launcher: launcherConfig.parse(launcher), baseline: { seeds, extend: 'never' as const } };
  return commandThreads({ config, run, concurrentRuns, cores: 16 });
}

describe('threads of a command’s processes, where the study names none', () => {
  const { OMP_NUM_THREADS: before } = process.env;
  beforeEach(() => delete process.env.OMP_NUM_THREADS);
  afterEach(() => {
    if (before === undefined) delete process.env.OMP_NUM_THREADS;
    else process.env.OMP_NUM_THREADS = before;
  });

  const validation = { kind: 'validation', repeat: 2, workers: 8 } as const;
  it.each<[string, Case, number | null]>([
    ['runs at the same time share the cores', {}, 4],
    ['as many as there are', { seeds: 2 }, 8],
    ['a baseline of one run has them all', { seeds: 1 }, null],
    ['an iteration is trained alone', { run: { kind: 'iteration', repeat: 1, workers: 8 } }, null],
    ['one that is repeated may not be', { run: { kind: 'iteration', repeat: 2, workers: 8 } }, 4],
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

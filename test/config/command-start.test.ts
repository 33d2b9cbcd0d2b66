import { describe, expect, it } from 'vitest';
import { commandStart } from '../../src/config/command-start.ts';
import { parseStudyConfig } from '../../src/config/load.ts';
import { processesFor } from '../../src/config/sections/processes.ts';
import type { CommandTrainerConfig } from '../../src/config/sections/trainer.ts';

function parse(trainer: object, launcher: object) {
  return parseStudyConfig({
    name: 'a',
    workers: 4,
    epochs: 40,
    setting: { initialLr: 0.5 },
    trainer: { kind: 'command', ...trainer },
    data: { kind: 'phantom', size: 8, trainSlices: 8, testSlices: 2 },
    launcher,
  });
}

function startOf(command: string[], launcher: object) {
  const config = parse({ command }, launcher);
  return commandStart(config.trainer as CommandTrainerConfig, config.launcher);
}

const mpi = { kind: 'mpi' };
const slurm = { kind: 'slurm', nodes: 2 };

describe('a command whose start is not given', () => {
  it('is started per rank by mpirun and srun, and once by local', () => {
    expect([mpi, slurm, { kind: 'local' }].map((launcher) => startOf(['train'], launcher))).toEqual([
      'perRank',
      'perRank',
      'once',
    ]);
  });

  it('is started once when it starts its workers itself', () => {
    expect(startOf(['torchrun', '--nproc_per_node={workers}'], mpi)).toBe('once');
  });

  it('is started once when it starts fewer processes than workers, which divide them', () => {
    const { trainer, launcher } = parse({ command: ['torchrun', '{processes}'], processes: 4 }, { kind: 'local' });
    expect(commandStart(trainer as CommandTrainerConfig, launcher)).toBe('once');
    expect([1, 2, 4, 6, 7, 16].map((workers) => processesFor(trainer, workers))).toEqual([1, 2, 4, 3, 1, 4]);
    const all = parse({ command: ['torchrun', '{processes}'] }, mpi).trainer;
    expect(processesFor(all, 7)).toBe(7);
  });

  it('is started as often as it has processes, and told so, per rank and per node', () => {
    const perRank = parse({ command: ['train'], processes: 2 }, mpi);
    expect(commandStart(perRank.trainer as CommandTrainerConfig, perRank.launcher)).toBe('perRank');
    expect(processesFor(perRank.trainer, 4)).toBe(2);
    expect(processesFor(parse({ kind: 'embedded', processes: 3 }, mpi).trainer, 4)).toBe(2);
    expect(() => parse({ command: ['t', '{workersPerNode}'], processes: 2 }, slurm)).not.toThrow();
  });

  it('is started per node when it asks for the node', () => {
    expect(startOf(['torchrun', '--nnodes={nodes}', '--nproc_per_node={workersPerNode}'], slurm)).toBe('perNode');
  });
});

it.each([
  [
    { command: ['t', '{nodeRank}'], start: 'once' },
    mpi,
    'trainer.command has {nodeRank}, which only "trainer.start: perNode" fills in',
  ],
  [
    { command: ['t'], start: 'perRank' },
    { kind: 'local' },
    'trainer.start is perRank, but the launcher local starts one process',
  ],
  [
    { command: ['t', '{workers}'] },
    slurm,
    'launcher.nodes is 2, but trainer.command starts its {workers} workers itself, on one node',
  ],
  [
    { command: ['t'], processes: 2 },
    { kind: 'local' },
    'trainer.processes is 2, but trainer.command has no {processes}',
  ],
  [
    { kind: 'embedded', processes: 2 },
    { kind: 'local' },
    'with the launcher local one process does the work of all workers',
  ],
  [{ command: ['t', '{nodes}'] }, { kind: 'mpi', hostfile: 'hosts' }, 'launcher.ranksPerHost is missing'],
])('refuses %o under %o', (trainer, launcher, sentence) => {
  expect(() => parse(trainer, launcher)).toThrow(sentence);
});

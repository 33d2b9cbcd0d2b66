import type { ConfigProblem } from './problem.ts';
import type { ResolvedStudyConfig } from './resolve.ts';
import type { LauncherConfig } from './sections/launcher.ts';
import type { CommandTrainerConfig } from './sections/trainer.ts';

/** How often a launcher starts a program: `once` (it starts its workers itself), once per node, or once per rank. */
export const programStarts = ['once', 'perNode', 'perRank'] as const;
export type ProgramStart = (typeof programStarts)[number];

/** Placeholders whose value differs between nodes; only `perNode` fills them in. */
export const nodePlaceholders = ['nodes', 'nodeRank', 'workersPerNode', 'masterAddress'] as const;

/**
 * How a command is started. If `trainer.start` is left out: per node if the command has a node placeholder, once if it
 * has `{workers}` or `{processes}` or the launcher is `local`, otherwise per rank.
 */
export function commandStart(trainer: CommandTrainerConfig, launcher: Pick<LauncherConfig, 'kind'>): ProgramStart {
  if (trainer.start !== undefined) return trainer.start;
  if (named(trainer, nodePlaceholders).length > 0) return 'perNode';
  if (named(trainer, ['workers', 'processes']).length > 0 || launcher.kind === 'local') return 'once';
  return 'perRank';
}

/** Finds programs that the launcher could not start as intended. */
export function commandStartChecks({ trainer, launcher, components }: ResolvedStudyConfig): ConfigProblem[] {
  const problem = (path: string[], message: string): ConfigProblem[] => [{ path, message }];
  if (trainer.kind === 'embedded' && trainer.processes !== undefined) {
    if (launcher.kind === 'local') {
      return problem(
        ['trainer', 'processes'],
        `trainer.processes is ${trainer.processes}, but with the launcher local one process does the work of all workers; leave it out, or use the launcher mpi, slurm or scheduler`,
      );
    }
    if (components.strategy !== undefined) {
      return problem(
        ['trainer', 'processes'],
        `trainer.processes is ${trainer.processes}, but components.strategy averages one gradient per process; leave one of them out`,
      );
    }
  }
  if (trainer.kind !== 'command') return [];
  const start = commandStart(trainer, launcher);
  const [node] = named(trainer, nodePlaceholders);
  if (start !== 'perNode' && node !== undefined) {
    return problem(
      ['trainer', 'command'],
      `trainer.command has {${node}}, which only "trainer.start: perNode" fills in, but trainer.start is ${start}; change one of them`,
    );
  }
  if (trainer.processes !== undefined && start === 'once' && named(trainer, ['processes']).length === 0) {
    return problem(
      ['trainer', 'processes'],
      `trainer.processes is ${trainer.processes}, but trainer.command has no {processes}: put it where the command says how many to start`,
    );
  }
  if (start === 'perRank' && launcher.kind === 'local') {
    return problem(
      ['trainer', 'start'],
      'trainer.start is perRank, but the launcher local starts one process; use the launcher mpi, slurm or scheduler, or a command that starts its workers itself: {workers}',
    );
  }
  if (start === 'once' && 'cpusPerRank' in launcher && (launcher.nodes ?? 1) > 1) {
    return problem(
      ['launcher', 'nodes'],
      `launcher.nodes is ${launcher.nodes}, but trainer.command starts its {workers} workers itself, on one node; for torchrun on each node use {nodes}, {nodeRank}, {workersPerNode} and {masterAddress} (docs/trainer-protocol.md), or leave launcher.nodes out`,
    );
  }
  if (start === 'perNode' && launcher.kind === 'mpi' && launcher.hostfile !== undefined && !launcher.ranksPerHost) {
    return problem(
      ['launcher', 'ranksPerHost'],
      'launcher.ranksPerHost is missing; with a hostfile and a command per node it says how many workers a node has',
    );
  }
  return [];
}

function named({ command }: CommandTrainerConfig, names: readonly string[]): string[] {
  return names.filter((name) => command.some((part) => part.includes(`{${name}}`)));
}

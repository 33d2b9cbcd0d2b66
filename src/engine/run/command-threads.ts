import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { processesFor } from '../../config/sections/processes.ts';
import type { RunRequest } from '../../domain/study.ts';
import { threadsPerRank } from './threads-per-rank.ts';

/** Matches a command that starts its workers' processes itself. */
const startsSeveral = /\{(workers|workersPerNode|processes)\}/;

export interface CommandThreadsOptions {
  config: Pick<ResolvedStudyConfig, 'trainer' | 'launcher' | 'baseline' | 'trainAhead'>;
  run: Pick<RunRequest, 'kind' | 'iteration' | 'repeat' | 'workers'>;
  /** Maximum number of concurrent runs. */
  concurrentRuns: number;
  /** Cores of this host. */
  cores?: number;
}

/**
 * OMP_NUM_THREADS for a command's processes if the study sets no threads: their share of this host's cores, at least 1.
 * Null if the cores are not shared, or if OMP_NUM_THREADS is set in autopilot's own environment. Independent of what is
 * running at the time, so that every attempt of a run computes alike.
 */
export function commandThreads({ config, run, concurrentRuns, cores }: CommandThreadsOptions): number | null {
  const { trainer, launcher } = config;
  if (trainer.kind !== 'command' || process.env.OMP_NUM_THREADS !== undefined) return null;
  const here = launcher.kind === 'local' || (launcher.kind === 'mpi' && launcher.hostfile === undefined);
  const together = Math.min(concurrentRuns, besides(config, run));
  if (!here || together === 1) return null;
  const workers = processesFor(trainer, run.workers);
  const share = threadsPerRank({
    launcher,
    workers,
    concurrentRuns: together,
    ...(cores === undefined ? {} : { cores }),
  });
  const several = launcher.kind === 'local' && trainer.command.some((part) => startsSeveral.test(part));
  return Math.max(1, Math.floor(share / (several ? workers : 1)));
}

/** Upper bound on the study's concurrent runs: the initial baseline's seeds, or 1 for the first run of an iteration. */
function besides(
  { baseline, trainAhead }: CommandThreadsOptions['config'],
  { kind, repeat, iteration }: CommandThreadsOptions['run'],
): number {
  if (kind === 'baseline' && iteration === null && repeat <= baseline.seeds) return baseline.seeds;
  // A baseline that grew, or trains as long as the confirmed setting, has as many runs as the study came to need.
  return kind === 'iteration' && repeat === 1 && !trainAhead ? 1 : Number.POSITIVE_INFINITY;
}

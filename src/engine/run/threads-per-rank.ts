import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { LauncherConfig } from '../../config/sections/launcher.ts';
import { readPlainText } from '../../protocol/files/read-plain-file.ts';

export interface ThreadsPerRankOptions {
  launcher: LauncherConfig;
  /** Ranks of the run. */
  workers: number;
  /** Runs that share a host's cores. */
  concurrentRuns: number;
  /** Cores per host; every host is taken to have as many as this one. */
  cores?: number;
}

/** Compute threads of one process if the study sets none: its share of a host's cores, at least 1. */
export function threadsPerRank(options: ThreadsPerRankOptions): number {
  const { launcher, concurrentRuns, cores = availableParallelism() } = options;
  // A rank under a scheduler gets the cores that were requested, whatever this host has.
  if ('cpusPerRank' in launcher) return launcher.cpusPerRank;
  return Math.max(1, Math.floor(cores / (concurrentRuns * ranksOnHost(options))));
}

/** Maximum number of a run's ranks on one host; `local` runs all workers in one process. */
function ranksOnHost({ launcher, workers }: ThreadsPerRankOptions): number {
  if (launcher.kind !== 'mpi') return 1;
  return Math.min(workers, launcher.ranksPerHost ?? mostSlots(launcher.hostfile) ?? workers);
}

/** The largest `slots=` of a hostfile: mpirun fills one host before the next. Null if any line has none. */
function mostSlots(hostfile: string | undefined): number | null {
  // A missing hostfile is left for mpirun to report.
  if (hostfile === undefined || !existsSync(hostfile)) return null;
  const lines = readPlainText(hostfile).split('\n');
  const hosts = lines.map((line) => line.replace(/#.*/, '').trim()).filter((line) => line !== '');
  const slots = hosts.map((line) => Number(/\bslots\s*=\s*(\d+)/.exec(line)?.[1] ?? Number.NaN));
  const most = Math.max(...slots);
  return Number.isFinite(most) && most > 0 ? most : null;
}

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
  /** Cores of a host; every host counts as this one. */
  cores?: number;
}

/** Compute threads of one process where the study names none: its share of a host's cores, at least 1. */
export function threadsPerRank(options: ThreadsPerRankOptions): number {
  const { launcher, concurrentRuns, cores = availableParallelism() } = options;
  // A rank under a scheduler has the cores that were asked for, whatever this host has.
  if ('cpusPerRank' in launcher) return launcher.cpusPerRank;
  return Math.max(1, Math.floor(cores / (concurrentRuns * ranksOnHost(options))));
}

/** Most ranks of a run on one host; `local` plays all workers in one process. */
function ranksOnHost({ launcher, workers }: ThreadsPerRankOptions): number {
  if (launcher.kind !== 'mpi') return 1;
  return Math.min(workers, launcher.ranksPerHost ?? mostSlots(launcher.hostfile) ?? workers);
}

/** The largest `slots=` of a hostfile: mpirun fills a host before it takes the next. Null where a line has none. */
function mostSlots(hostfile: string | undefined): number | null {
  // One that is missing is mpirun's to complain about.
  if (hostfile === undefined || !existsSync(hostfile)) return null;
  const lines = readPlainText(hostfile).split('\n');
  const hosts = lines.map((line) => line.replace(/#.*/, '').trim()).filter((line) => line !== '');
  const slots = hosts.map((line) => Number(/\bslots\s*=\s*(\d+)/.exec(line)?.[1] ?? Number.NaN));
  const most = Math.max(...slots);
  return Number.isFinite(most) && most > 0 ? most : null;
}

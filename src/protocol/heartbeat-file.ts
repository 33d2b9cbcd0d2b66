import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readRankFiles } from './rank-files.ts';

/** What a rank reports about itself several times a minute, from a thread that no collective blocks. */
export const heartbeat = z.object({
  rank: z.int().min(0),
  host: z.string(),
  pid: z.int(),
  /** Grows with every beat: readers compare it and need no common clock. */
  beat: z.int().min(0),
  step: z.int().min(0),
  /** Counts steps and whatever else shows that the training makes progress. Left out: `step` shows it. */
  progress: z.int().min(0).optional(),
  /** `waiting`: in a collective, for the other ranks. A job without progress is held up by the ranks not waiting. */
  phase: z.enum(['starting', 'working', 'waiting', 'done']),
});

export type Heartbeat = z.infer<typeof heartbeat>;

/** The folder with one file per rank of an attempt. */
export function heartbeatDirectory(runDirectory: string, attempt: string): string {
  return join(runDirectory, 'heartbeats', attempt);
}

export function heartbeatFile(runDirectory: string, { attempt, rank }: { attempt: string; rank: number }): string {
  return join(heartbeatDirectory(runDirectory, attempt), `rank-${rank}.json`);
}

/** The last beat of every rank of an attempt. */
export function readHeartbeats(directory: string): Heartbeat[] {
  return readRankFiles(directory, heartbeat);
}

/**
 * The files, `HOST-PID.stack`, to which an attempt's processes write what each of their threads is doing when they get
 * `stackSignal`. A file exists as soon as its process handles the signal.
 */
export function stackFiles(runDirectory: string, attempt: string): { file: string; host: string; pid: number }[] {
  const folder = heartbeatDirectory(runDirectory, attempt);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const [, host = '', pid] = /^(.+)-(\d+)\.stack$/.exec(name) ?? [];
    return pid === undefined ? [] : [{ file: join(folder, name), host, pid: Number(pid) }];
  });
}

/** SIGRTMIN + 5 on Linux, which nobody else uses. Ends a process that does not handle it. */
export const stackSignal = 39;

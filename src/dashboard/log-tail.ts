import { closeSync, existsSync, opendirSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { within } from '../protocol/files/within.ts';

export interface LogTail {
  file: string;
  /** The last lines, oldest first. */
  lines: string[];
}

const tailBytes = 16_384;

/** Files that are shown, at most: a trainer may write one for each of its ranks, or a million. */
const mostFiles = 64;

/** The ends of a run's log files, at most 16 KB of each; a link that leaves the run's directory is passed over. */
export function tailOfLog(runDirectory: string): LogTail[] {
  return logFiles(runDirectory).map(({ name, path }) => ({ file: name, lines: lastLines(path) }));
}

/** Their sizes in bytes: what changes when one of them grows. */
export function sizesOfLogs(runDirectory: string): number[] {
  return logFiles(runDirectory).map(({ path }) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
}

function logFiles(runDirectory: string): { name: string; path: string }[] {
  return firstNames(join(runDirectory, 'logs')).flatMap((name) => {
    const path = within(runDirectory, join(runDirectory, 'logs', name));
    const isFile = path !== null && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
    return isFile ? [{ name, path }] : [];
  });
}

/** Entry by entry, so that a huge folder costs no more than its first names; sorted. */
function firstNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const directory = opendirSync(folder);
  try {
    const names: string[] = [];
    for (let entry = directory.readSync(); entry !== null && names.length < mostFiles; entry = directory.readSync()) {
      names.push(entry.name);
    }
    return names.sort();
  } finally {
    directory.closeSync();
  }
}

/** The last lines of a file, of its last 16 KB alone. */
export function lastLines(path: string): string[] {
  const file = openSync(path, 'r');
  try {
    const { size } = statSync(path);
    const start = Math.max(0, size - tailBytes);
    const bytes = Buffer.alloc(size - start);
    const read = readSync(file, bytes, 0, bytes.length, start);
    const lines = bytes.toString('utf8', 0, read).split('\n');
    if (start > 0) lines.shift();
    return lines.filter((line) => line !== '');
  } finally {
    closeSync(file);
  }
}

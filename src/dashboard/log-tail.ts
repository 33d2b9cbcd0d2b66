import { closeSync, existsSync, opendirSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { within } from '../protocol/files/within.ts';

export interface LogTail {
  file: string;
  /** The last lines, oldest first. */
  lines: string[];
}

const tailBytes = 16_384;

/** Maximum number of files that are shown: a trainer may write one for each of its ranks, or a million. */
const mostFiles = 64;

/** The ends of a run's log files, at most 16 KB each; links that leave the run's directory are skipped. */
export function tailOfLog(runDirectory: string): LogTail[] {
  return logFiles(runDirectory).map(({ name, path }) => ({ file: name, lines: lastLines(path) }));
}

/** Sizes of a run's log files in bytes, which change when a file grows. */
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

/** The first names in a folder, sorted. Reads entry by entry, so that a huge folder costs no more than these. */
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

/** The last lines of a file, read only from its last 16 KB. */
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

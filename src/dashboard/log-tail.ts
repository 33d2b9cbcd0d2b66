import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { within } from '../protocol/within.ts';

export interface LogTail {
  file: string;
  /** The last lines, oldest first. */
  lines: string[];
}

const tailBytes = 16_384;

/** The ends of a run's log files, at most 16 KB of each; a link that leaves the run's directory is passed over. */
export function tailOfLog(runDirectory: string): LogTail[] {
  const folder = join(runDirectory, 'logs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = within(runDirectory, join(folder, name));
      return path !== null && statSync(path).isFile() ? [{ file: name, lines: lastLines(path) }] : [];
    });
}

function lastLines(path: string): string[] {
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

import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface LogTail {
  file: string;
  /** The last lines, oldest first. */
  lines: string[];
}

const tailBytes = 16_384;

/** The ends of a run's log files, at most 16 KB of each. */
export function tailOfLog(folder: string): LogTail[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort()
    .map((name) => ({ file: name, lines: lastLines(join(folder, name)) }));
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

import { readFileSync, statSync } from 'node:fs';

/** Maximum bytes of a text that a person writes (a table, a host file). */
export const mostTextBytes = 64 * 2 ** 20;

/**
 * Reads a file that a user has named. Throws if it is a pipe or a device, which could block forever, or larger than
 * `most` bytes.
 */
export function readPlainFile(path: string, most = 2 ** 31): Buffer {
  requirePlainFile(path, most);
  return readFileSync(path);
}

export function readPlainText(path: string): string {
  return readPlainFile(path, mostTextBytes).toString('utf8');
}

export function requirePlainFile(path: string, most = Number.POSITIVE_INFINITY): void {
  const found = statSync(path);
  if (!found.isFile()) throw new Error('it is not a regular file');
  if (found.size > most) throw new Error(`it has ${found.size} bytes; at most ${most} can be read`);
}

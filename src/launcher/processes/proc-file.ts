import { readFileSync } from 'node:fs';

/** The text of a file in /proc; empty if its process is gone or another user's. */
export function procFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

import { readFileSync } from 'node:fs';

/** A file of /proc; empty where its process is gone, or another user's. */
export function procFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

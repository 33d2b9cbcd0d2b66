import { realpathSync } from 'node:fs';
import { sep } from 'node:path';

/** The file's real path where it lies below the folder once every link is followed; else, or where there is none, null. */
export function within(folder: string, path: string): string | null {
  try {
    const file = realpathSync(path);
    return file.startsWith(`${realpathSync(folder)}${sep}`) ? file : null;
  } catch {
    return null;
  }
}

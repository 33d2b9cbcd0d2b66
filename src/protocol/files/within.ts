import { realpathSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** The file's real path where it lies below the folder once every link is followed; else, or where there is none, null. */
export function within(folder: string, path: string): string | null {
  try {
    const file = realpathSync(path);
    return file.startsWith(`${realpathSync(folder)}${sep}`) ? file : null;
  } catch {
    return null;
  }
}

/**
 * The absolute path of a file that may be yet to come, relative ones from the folder; null where it would lie outside
 * the folder once every link is followed.
 */
export function confined(folder: string, path: string): string | null {
  const file = resolve(folder, path);
  for (let known = file; ; known = dirname(known)) {
    try {
      const real = join(realpathSync(known), relative(known, file));
      return real.startsWith(`${realpathSync(folder)}${sep}`) ? file : null;
    } catch {
      if (known === dirname(known)) return null;
    }
  }
}

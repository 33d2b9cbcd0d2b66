import { realpathSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** The file's real path if it is below the folder once all links are resolved; null if not, or if it does not exist. */
export function within(folder: string, path: string): string | null {
  try {
    const file = realpathSync(path);
    return file.startsWith(`${realpathSync(folder)}${sep}`) ? file : null;
  } catch {
    return null;
  }
}

/**
 * The absolute path of a file that need not exist yet; a relative path starts at the folder. Null if the file would be
 * outside the folder once all links are resolved.
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

import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { packageVersion } from '../../protocol/package-version.ts';

/** Provenance stored with a study: the program, machine and user that created it, and the commit of its folder. */
export function madeWhere(directory: string): Record<string, string> {
  const [user, commit] = [userName(), commitOf(directory)];
  return {
    autopilot: packageVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    host: hostname(),
    ...(user === null ? {} : { user }),
    ...(commit === null ? {} : { commit }),
  };
}

/** Null if the system has no name for the user, as in some containers. */
function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/**
 * The checked-out commit; null outside a Git repository. Does not check for modified files: for that, Git starts
 * programs named in the folder's own configuration, and the folder may be untrusted.
 */
function commitOf(directory: string): string | null {
  try {
    // Looking for `.git` is faster than starting Git.
    if (process.env.GIT_DIR === undefined && !isInRepository(realpathSync(directory))) return null;
    const found = execFileSync('git', ['rev-parse', '--verify', '--quiet', 'HEAD'], {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000,
    });
    return found.trim() || null;
  } catch {
    return null;
  }
}

/** Whether the folder, or one above it, has a `.git`. */
function isInRepository(folder: string): boolean {
  return existsSync(join(folder, '.git')) || (dirname(folder) !== folder && isInRepository(dirname(folder)));
}

import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { packageVersion } from '../../protocol/package-version.ts';

/** What a study stores of the program and the machine that created it, of who did, and of the commit of its folder. */
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

/** Null where the system has no name for the user, as in some containers. */
function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/**
 * The commit that is checked out; null outside a Git repository. Whether files were changed since is not asked: to look,
 * Git starts programs that the folder's own configuration names, and a study may lie in a stranger's folder.
 */
function commitOf(directory: string): string | null {
  try {
    // To start Git takes longer than to look.
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

/** Does the folder, or one above it, have a `.git`? */
function isInRepository(folder: string): boolean {
  return existsSync(join(folder, '.git')) || (dirname(folder) !== folder && isInRepository(dirname(folder)));
}

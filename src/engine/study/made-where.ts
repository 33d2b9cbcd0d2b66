import { execFileSync } from 'node:child_process';
import { hostname, userInfo } from 'node:os';
import { packageVersion } from '../../deploy/package-version.ts';

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

/** `0a1b2c3d…`, or `0a1b2c3d…-dirty` with changes that are not committed; null outside a Git repository. */
function commitOf(directory: string): string | null {
  try {
    const described = execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'], {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000,
    });
    return described.trim() || null;
  } catch {
    return null;
  }
}

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const prefix = 'apt-';

/** Gives a whole test run one temporary folder, where every `tmpdir()` of its tests and their processes lies, and removes it at the end. */
export default function scratchFolder(): () => void {
  // Each of vitest's projects asks; the first one's folder is for all of them.
  if (basename(tmpdir()).startsWith(prefix)) return () => {};
  // A short name: sockets in it may not have paths of more than 107 characters.
  const scratch = mkdtempSync(join(tmpdir(), prefix));
  // Tests become other users, who look into their own folders in it.
  chmodSync(scratch, 0o755);
  process.env.TMPDIR = scratch;
  // The project of whoever runs the tests is none of theirs.
  delete process.env.AUTOPILOT_PROJECT;
  return () => {
    try {
      rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    } catch {
      // A process that a test left to its own end still writes there.
    }
  };
}

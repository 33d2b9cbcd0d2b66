import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const prefix = 'apt-';

/** Puts every `tmpdir()` of a test run and its processes into one temporary folder, which is removed at the end. */
export default function scratchFolder(): () => void {
  // Called once per vitest project; the first one's folder serves all of them.
  if (basename(tmpdir()).startsWith(prefix)) return () => {};
  // A short name, because the paths of sockets in it are limited to 107 characters.
  const scratch = mkdtempSync(join(tmpdir(), prefix));
  // Some tests become other users, who access their own folders in it.
  chmodSync(scratch, 0o755);
  process.env.TMPDIR = scratch;
  // Tests must not use the project of whoever runs them.
  delete process.env.AUTOPILOT_PROJECT;
  return () => {
    try {
      rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    } catch {
      // A process that a test left running still writes there.
    }
  };
}

import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and its parents. Node's own `recursive` never returns if a file system refuses a folder with the error
 * for a missing parent, as /proc and an automounter's home directories do; this throws that error.
 */
export function makeFolder(path: string, mode?: number): void {
  try {
    makeOne(path, mode);
  } catch (thrown) {
    const above = dirname(path);
    if (codeOf(thrown) !== 'ENOENT' || above === path) throw thrown;
    makeFolder(above, mode);
    makeOne(path, mode);
  }
}

function makeOne(path: string, mode?: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (thrown) {
    // Some file systems refuse to write before they check whether the folder exists.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    throw thrown;
  }
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : null;
}

import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../domain/errors.ts';
import { makeFolder } from '../protocol/files/make-folder.ts';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint-file.ts';

const pattern = /^step-(\d+)\.checkpoint$/;

/** The checkpoints of one run; only the newest `keep` are kept. */
export function checkpointFolder(folder: string, { keep }: { keep: number }) {
  return {
    /** Returns the file's path. */
    save(checkpoint: Checkpoint): string {
      makeFolder(folder);
      const path = join(folder, `step-${String(checkpoint.step).padStart(8, '0')}.checkpoint`);
      writeCheckpoint(path, checkpoint);
      for (const old of checkpointNames(folder).slice(0, -keep)) rmSync(join(folder, old), { force: true });
      return path;
    },
  };
}

/**
 * The checkpoint at `path`, or else the newest intact older one in its folder, or null. `problems` says what was wrong
 * with each one passed over.
 */
export function findUsableCheckpoint(path: string): { checkpoint: Checkpoint | null; problems: string[] } {
  const folder = dirname(path);
  const older = checkpointNames(folder)
    .filter((name) => name < basename(path))
    .reverse();
  const problems: string[] = [];
  for (const name of [basename(path), ...older]) {
    try {
      return { checkpoint: readCheckpoint(join(folder, name)), problems };
    } catch (thrown) {
      problems.push(messageOf(thrown));
    }
  }
  return { checkpoint: null, problems };
}

function checkpointNames(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort();
  } catch {
    return [];
  }
}

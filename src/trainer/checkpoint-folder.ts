import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../domain/errors.ts';
import { makeFolder } from '../protocol/files/make-folder.ts';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint-file.ts';

const pattern = /^step-(\d+)\.checkpoint$/;

/** The checkpoints of one run: the newest `keep` stay. */
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
 * The checkpoint at `path`, or the newest older one beside it that is whole. `problems` says what was passed over.
 * Null when none is left.
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

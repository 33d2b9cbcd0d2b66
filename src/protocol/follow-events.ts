import { closeSync, constants, type FSWatcher, fstatSync, openSync, readSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { type EventLine, eventLines, type LaunchedAttempt } from './event-lines.ts';

export interface FollowOptions {
  /** `events.ndjson`; need not exist yet. */
  path: string;
  attempt: LaunchedAttempt;
  onLines: (lines: EventLine[]) => void;
  /** Milliseconds between polls: network file systems send no notifications. */
  pollMs?: number;
}

export interface EventFollower {
  /** Reads what was written since the last look: one slice now, the rest after signals and timers were handled. */
  look(): void;
  /**
   * Reads to the end, an unfinished last line included, and stops. Nobody may be writing any more. Rejects with what
   * `onLines` throws.
   */
  end(): Promise<void>;
  /** Stops without another look. */
  stop(): void;
}

/** Bytes read at once, before anything else can run. */
const sliceBytes = 2 ** 20;

/**
 * Follows a growing `events.ndjson` by notification where the file system has it, and by polling everywhere. However
 * much there is to read, signals and timers are handled in between.
 */
export function followEvents({ path, attempt, onLines, pollMs = 500 }: FollowOptions): EventFollower {
  const lines = eventLines(attempt);
  const slice = Buffer.alloc(sliceBytes);
  let offset = 0;
  let stopped = false;
  let refused = false;
  let again: NodeJS.Immediate | undefined;

  function look(): void {
    if (stopped) return;
    clearImmediate(again);
    if (readSlice()) again = setImmediate(look);
  }

  /** True if there may be more to read. */
  function readSlice(): boolean {
    const read = readOnce();
    const found = lines.push(slice.subarray(0, read));
    if (found.length > 0) onLines(found);
    return read === sliceBytes;
  }

  function readOnce(): number {
    let file: number;
    try {
      // Not blocking: opening a pipe would wait for a writer.
      file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch {
      return 0;
    }
    try {
      if (!fstatSync(file).isFile()) {
        refuse();
        return 0;
      }
      const read = readSync(file, slice, 0, sliceBytes, offset);
      offset += read;
      return read;
    } finally {
      closeSync(file);
    }
  }

  function refuse(): void {
    if (refused) return;
    refused = true;
    onLines([{ state: 'refused', problem: `${path} is not a regular file, so it is not read`, line: '' }]);
  }

  const timer = setInterval(look, pollMs);
  const watcher = notify(path, look);

  function stop(): void {
    stopped = true;
    clearInterval(timer);
    clearImmediate(again);
    watcher?.close();
  }

  return {
    look,
    async end() {
      clearInterval(timer);
      clearImmediate(again);
      while (!stopped && readSlice()) await turn();
      const last = stopped ? [] : lines.end();
      stop();
      if (last.length > 0) onLines(last);
    },
    stop,
  };
}

function notify(path: string, look: () => void): FSWatcher | null {
  try {
    const name = basename(path);
    const watcher = watch(dirname(path), (_change, file) => {
      if (file === null || file === name) look();
    });
    // Out of inotify watches, or the folder is gone: polling continues.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

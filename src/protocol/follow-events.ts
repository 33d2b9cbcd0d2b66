import { closeSync, type FSWatcher, openSync, readSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type EventLine, eventLines, type LaunchedAttempt } from './event-lines.ts';

export interface FollowOptions {
  /** `events.ndjson`; need not exist yet. */
  path: string;
  attempt: LaunchedAttempt;
  onLines: (lines: EventLine[]) => void;
  /** Milliseconds between looks: network file systems send no notifications. */
  pollMs?: number;
}

export interface EventFollower {
  /** Reads what was written since the last look, now. */
  look(): void;
  /** Reads to the end, a torn last line included, and stops. Nobody may write any more. */
  end(): void;
  /** Stops without another look. */
  stop(): void;
}

const chunkBytes = 1 << 16;

/** Follows a growing `events.ndjson` by notification where the file system has it, and by polling everywhere. */
export function followEvents({ path, attempt, onLines, pollMs = 500 }: FollowOptions): EventFollower {
  const lines = eventLines(attempt);
  const chunk = Buffer.alloc(chunkBytes);
  let offset = 0;
  let stopped = false;

  function look(): void {
    if (stopped) return;
    const found = readFrom();
    if (found.length > 0) onLines(found);
  }

  function readFrom(): EventLine[] {
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch {
      return [];
    }
    try {
      const found: EventLine[] = [];
      for (let read = readSync(file, chunk, 0, chunkBytes, offset); read > 0; ) {
        offset += read;
        found.push(...lines.push(chunk.subarray(0, read)));
        read = readSync(file, chunk, 0, chunkBytes, offset);
      }
      return found;
    } finally {
      closeSync(file);
    }
  }

  const timer = setInterval(look, pollMs);
  const watcher = notify(path, look);

  function stop(): void {
    stopped = true;
    clearInterval(timer);
    watcher?.close();
  }

  return {
    look,
    end() {
      look();
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
    // Out of inotify watches, or the folder went away: polling goes on.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

import type { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Store } from '../../db/index.ts';

/** Milliseconds between looks at the store, one for all open pages. */
const lookEveryMs = 500;
/** Milliseconds after which a silent stream says that it is alive, so that proxies keep it open. */
const aliveEveryMs = 15_000;

export interface ChangeWatch {
  /** Calls back after every change until the returned function is called. */
  subscribe(onChange: () => void): () => void;
  close(): void;
}

/** Notices that another process wrote to the store: one query every half second while somebody watches. */
export function watchStore(store: Store): ChangeWatch {
  const listeners = new Set<() => void>();
  let seen = store.dataVersion();
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    const version = store.dataVersion();
    if (version === seen) return;
    seen = version;
    for (const listener of listeners) listener();
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    subscribe(onChange) {
      listeners.add(onChange);
      timer ??= setInterval(look, lookEveryMs);
      return () => {
        listeners.delete(onChange);
        if (listeners.size === 0) stop();
      };
    },
    close() {
      listeners.clear();
      stop();
    },
  };
}

/** Adds `/events`: server-sent events that say "something changed", after which the page asks for what it shows. */
export function addLiveEvents(api: Hono, watch: ChangeWatch): void {
  api.get('/events', (context) =>
    streamSSE(context, async (stream) => {
      let wake: () => void = () => {};
      let changed = false;
      const unsubscribe = watch.subscribe(() => {
        changed = true;
        wake();
      });
      stream.onAbort(() => {
        unsubscribe();
        wake();
      });
      await stream.writeSSE({ event: 'hello', data: '{}' });
      while (!stream.aborted && !stream.closed) {
        if (!changed) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, aliveEveryMs);
            wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
        }
        if (stream.aborted) break;
        await stream.writeSSE({ event: changed ? 'changed' : 'alive', data: '{}' });
        changed = false;
      }
      unsubscribe();
    }),
  );
}

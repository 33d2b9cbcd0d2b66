import type { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Store } from '../../db/index.ts';
import type { View } from './views.ts';

/** Milliseconds between checks of the store, shared by all open pages. */
const lookEveryMs = 500;
/** Milliseconds after which stamps are compared even if nothing was written: a process that dies writes nothing. */
const compareEveryMs = 5000;
/** Milliseconds after which a silent stream sends a sign of life, so that proxies keep it open. */
const aliveEveryMs = 15_000;

/** Maximum number of pages that are notified of changes, and of views for each page. */
const mostStreams = 512;
const mostViews = 32;

type Stamped = Pick<View, 'stamp'>;

export interface ChangeWatch {
  /** Calls `onChange` whenever the view at an address has changed, until the returned function is called. */
  subscribe(address: string, view: Stamped, onChange: () => void): () => void;
  close(): void;
}

interface Watched {
  view: Stamped;
  stamp: string;
  listeners: Set<() => void>;
}

/**
 * Detects what other processes write: one query every half second while any page is open and, after a write, one stamp
 * for each distinct open view, however many pages show it.
 */
export function watchStore(store: Pick<Store, 'dataVersion'>): ChangeWatch {
  const views = new Map<string, Watched>();
  let version = -1;
  let comparedMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    const now = Date.now();
    const current = store.dataVersion();
    if (current === version && now - comparedMs < compareEveryMs) return;
    version = current;
    comparedMs = now;
    for (const watched of views.values()) {
      const stamp = watched.view.stamp();
      if (stamp === watched.stamp) continue;
      watched.stamp = stamp;
      for (const listener of watched.listeners) listener();
    }
  };
  return {
    subscribe(address, view, onChange) {
      const watched = views.get(address) ?? { view, stamp: view.stamp(), listeners: new Set() };
      watched.listeners.add(onChange);
      views.set(address, watched);
      timer ??= setInterval(look, lookEveryMs);
      return () => {
        watched.listeners.delete(onChange);
        if (watched.listeners.size > 0) return;
        views.delete(address);
        if (views.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
    close() {
      views.clear();
      clearInterval(timer);
      timer = undefined;
    },
  };
}

/**
 * Adds `/events?of=/studies/NAME&of=…`: server-sent events `changed` whose data is the address of a changed view, which
 * the page then requests. A view that is not stored yet, such as a study that was just started, changes once it is.
 */
export function addLiveEvents(api: Hono, watch: ChangeWatch, viewAt: (address: string) => View | null): void {
  let streams = 0;
  api.get('/events', (context) => {
    if (streams >= mostStreams) {
      return context.json({ error: `${mostStreams} pages are open already. Close some of them.` }, 503);
    }
    return streamSSE(context, async (stream) => {
      streams += 1;
      const changed = new Set<string>();
      let wake: () => void = () => {};
      const subscriptions = new Set((context.req.queries('of') ?? []).slice(0, mostViews));
      const ends = [...subscriptions].map((address) => {
        const view = viewAt(address) ?? { stamp: () => viewAt(address)?.stamp() ?? 'not stored' };
        const onChange = () => {
          changed.add(address);
          wake();
        };
        return watch.subscribe(address, view, onChange);
      });
      let open = true;
      const end = () => {
        if (open) streams -= 1;
        open = false;
        for (const unsubscribe of ends.splice(0)) unsubscribe();
        wake();
      };
      stream.onAbort(end);
      await stream.writeSSE({ event: 'hello', data: '' });
      while (!stream.aborted && !stream.closed) {
        if (changed.size === 0) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, aliveEveryMs);
            wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
        }
        if (stream.aborted) break;
        const addresses = [...changed];
        changed.clear();
        if (addresses.length === 0) await stream.writeSSE({ event: 'alive', data: '' });
        for (const address of addresses) await stream.writeSSE({ event: 'changed', data: address });
      }
      end();
    });
  });
}

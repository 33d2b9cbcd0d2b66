import { useEffect, useState } from 'preact/hooks';
import type { AnswerAt } from '../../views.ts';

/** `live`, `connecting` or `reconnecting`; `idle` if the page shows nothing that changes by itself. */
export type Connection = 'idle' | 'live' | 'connecting' | 'reconnecting';

/** The addresses now shown, each with the listeners to call when it changes. */
const watched = new Map<string, Set<() => void>>();
const connection = new Set<(state: Connection) => void>();
let state: Connection = 'idle';
let source: EventSource | null = null;
let reconnecting = false;

function setState(next: Connection): void {
  state = next;
  for (const listener of connection) listener(next);
}

function tell(address: string): void {
  for (const listener of watched.get(address) ?? []) listener();
}

/** Opens one stream per tab for everything that it shows; none while the tab is hidden. */
function connect(): void {
  reconnecting = false;
  source?.close();
  source = null;
  if (watched.size === 0) setState('idle');
  if (document.hidden || watched.size === 0) return;
  const query = [...watched.keys()].map((address) => `of=${encodeURIComponent(address)}`).join('&');
  if (state === 'idle') setState('connecting');
  source = new EventSource(`/api/events?${query}`);
  source.addEventListener('hello', () => {
    setState('live');
    for (const address of watched.keys()) tell(address);
  });
  source.addEventListener('changed', ({ data }: MessageEvent<string>) => tell(data));
  source.addEventListener('error', () => setState('reconnecting'));
}

function connectSoon(): void {
  if (reconnecting) return;
  reconnecting = true;
  queueMicrotask(connect);
}

document.addEventListener('visibilitychange', connect);

export function useConnection(): Connection {
  const [value, set] = useState(state);
  useEffect(() => {
    connection.add(set);
    set(state);
    return () => {
      connection.delete(set);
    };
  }, []);
  return value;
}

function watch(address: string, listener: () => void): () => void {
  const listeners = watched.get(address) ?? new Set();
  listeners.add(listener);
  if (!watched.has(address)) {
    watched.set(address, listeners);
    connectSoon();
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    watched.delete(address);
    connectSoon();
  };
}

/** `data` is null before the first answer; when the server does not answer, the last data stay. */
export interface Shown<Data> {
  data: Data | null;
  error: string | null;
}

/** The data at an address below `/api`, requested again whenever it changes; at most one request at a time. */
export function useData<Address extends string>(address: Address): Shown<AnswerAt<Address>> {
  const [answer, set] = useState<Shown<AnswerAt<Address>>>({ data: null, error: null });
  useEffect(() => {
    let gone = false;
    let asking = false;
    let again = false;
    const ask = async () => {
      if (asking) {
        again = true;
        return;
      }
      asking = true;
      do {
        again = false;
        try {
          const response = await fetch(`/api${address}`);
          const body = await response.json();
          if (!gone) set(response.ok ? { data: body, error: null } : { data: null, error: body.error });
        } catch {
          if (!gone) set((before) => ({ ...before, error: 'The server does not answer.' }));
        }
      } while (again && !gone);
      asking = false;
    };
    ask();
    const unwatch = watch(address, ask);
    return () => {
      gone = true;
      unwatch();
    };
  }, [address]);
  return answer;
}

/** The server's answer to a request, or why it refused. */
export type Answered<Done> = (Done & { error?: undefined }) | { error: string };

/** Asks the server to do something below `/api/actions`. */
export async function request<Done extends object>(path: string, body: object = {}): Promise<Answered<Done>> {
  const response = await fetch(`/api/actions${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Autopilot': 'page' },
    body: JSON.stringify(body),
  }).catch(() => null);
  if (response === null) return { error: 'The server does not answer.' };
  const answer = await response.json().catch(() => null);
  return response.ok && answer !== null
    ? answer
    : { error: answer?.error ?? `The server refused (${response.status}).` };
}

/** Like `request`, but returns only why it was refused, or null. */
export async function act(path: string, body?: object): Promise<string | null> {
  return (await request(path, body)).error ?? null;
}

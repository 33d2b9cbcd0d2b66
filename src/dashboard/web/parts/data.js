import { useEffect, useState } from './html.js';

/** Addresses that are shown now, each with who wants to know that it changed. */
const watched = new Map();
const connection = new Set();
let state = 'idle';
let source = null;
let reconnecting = false;

function setState(next) {
  state = next;
  for (const listener of connection) listener(next);
}

function tell(address) {
  for (const listener of watched.get(address) ?? []) listener();
}

/** One stream a tab, for all that it shows; none while the tab is hidden. */
function connect() {
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
  source.addEventListener('changed', ({ data }) => tell(data));
  source.addEventListener('error', () => setState('reconnecting'));
}

function connectSoon() {
  if (reconnecting) return;
  reconnecting = true;
  queueMicrotask(connect);
}

document.addEventListener('visibilitychange', connect);

/** `live`, `connecting` or `reconnecting`; `idle` where the page shows nothing that changes by itself. */
export function useConnection() {
  const [value, set] = useState(state);
  useEffect(() => {
    connection.add(set);
    set(state);
    return () => connection.delete(set);
  }, []);
  return value;
}

function watch(address, listener) {
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

/** What is at an address below `/api`, asked for again whenever it changed; at most one request at a time. */
export function useData(address) {
  const [answer, set] = useState({ data: null, error: null });
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

/** Asks the server to do something; the answer's error, or null. `whole`: the answer itself, with `error` where it was refused. */
export async function act(path, body, { whole = false } = {}) {
  const response = await fetch(`/api/actions${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Autopilot': 'page' },
    body: JSON.stringify(body ?? {}),
  }).catch(() => null);
  const answer = (await response?.json().catch(() => ({}))) ?? {};
  const refused = response === null ? 'The server does not answer.' : `The server refused (${response.status}).`;
  const error = response?.ok ? null : (answer.error ?? refused);
  return whole ? { ...answer, ...(error && { error }) } : error;
}

import { useEffect, useState } from './html.js';

const listeners = new Set();
const connection = new Set();
let state = 'connecting';

function setState(next) {
  state = next;
  for (const listener of connection) listener(next);
}

const source = new EventSource('/api/events');
source.addEventListener('hello', () => {
  setState('live');
  for (const listener of listeners) listener();
});
source.addEventListener('changed', () => {
  for (const listener of listeners) listener();
});
source.addEventListener('error', () => setState('reconnecting'));

/** `live`, `connecting` or `reconnecting`. */
export function useConnection() {
  const [value, set] = useState(state);
  useEffect(() => {
    connection.add(set);
    return () => connection.delete(set);
  }, []);
  return value;
}

/** JSON from the server, asked for again whenever the store changed; at most one request at a time. */
export function useData(path) {
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
          const response = await fetch(path);
          const body = await response.json();
          if (!gone) set(response.ok ? { data: body, error: null } : { data: null, error: body.error });
        } catch {
          if (!gone) set((before) => ({ ...before, error: 'The server does not answer.' }));
        }
      } while (again && !gone);
      asking = false;
    };
    set({ data: null, error: null });
    ask();
    listeners.add(ask);
    return () => {
      gone = true;
      listeners.delete(ask);
    };
  }, [path]);
  return answer;
}

/** Asks the server to do something; the answer's error, or null. */
export async function act(path, body) {
  const response = await fetch(`/api/actions${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Autopilot': 'page' },
    body: JSON.stringify(body ?? {}),
  });
  if (response.ok) return null;
  const answer = await response.json().catch(() => ({}));
  return answer.error ?? `The server refused (${response.status}).`;
}

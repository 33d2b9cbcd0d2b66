import { appendFileSync } from 'node:fs';
import { messageOf } from '../domain/errors.ts';
import type { ProgressEvent } from '../domain/progress.ts';
import { toLine } from './line-protocol.ts';
import { progressPoints } from './progress-points.ts';
import type { Subscriber } from './subscriber.ts';

export interface InfluxOptions {
  /** A file, or the full URL of a write endpoint: `http://host:8086/api/v2/write?org=o&bucket=b`. */
  target: string;
  /** Sent as `Authorization: Token …`. */
  token?: string | undefined;
  /** Called once when an outage begins. */
  warn: (message: string) => void;
  /** Milliseconds between two deliveries. */
  everyMs?: number;
  /** Milliseconds to wait for the endpoint's answer before giving up until the next delivery. */
  timeoutMs?: number;
  now?: () => number;
}

/** Maximum number of lines kept while the endpoint is unreachable; older ones are dropped. */
const mostHeld = 10_000;

/** Writes a study's progress as InfluxDB line protocol. An unreachable endpoint costs only its own points. */
export function influxLog(options: InfluxOptions): Subscriber {
  const { target, token, warn, everyMs = 1000, timeoutMs = 5000, now = Date.now } = options;
  const points = progressPoints(now);
  let held: string[] = [];
  let away = false;
  let sending: Promise<void> | null = null;

  const deliver = /^https?:\/\//i.test(target) ? post : append;

  async function append(lines: string[]): Promise<void> {
    appendFileSync(target, `${lines.join('\n')}\n`);
  }

  async function post(lines: string[]): Promise<void> {
    const headers = {
      'Content-Type': 'text/plain; charset=utf-8',
      ...(token === undefined ? {} : { Authorization: `Token ${token}` }),
    };
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await fetch(target, { method: 'POST', headers, body: lines.join('\n'), signal });
    const said = (await answer.text()).slice(0, 200);
    if (!answer.ok) throw new Error(`HTTP ${answer.status} ${said}`);
  }

  async function send(): Promise<void> {
    const lines = held;
    if (lines.length === 0) return;
    held = [];
    try {
      await deliver(lines);
      away = false;
    } catch (thrown) {
      held = [...lines, ...held].slice(-mostHeld);
      if (!away)
        warn(`InfluxDB lines could not be written to ${address(target)}: ${messageOf(thrown)}. The study continues.`);
      away = true;
    }
  }

  function flush(): Promise<void> {
    sending ??= send().finally(() => {
      sending = null;
    });
    return sending;
  }

  const timer = setInterval(() => void flush(), everyMs).unref();
  return {
    observe(event: ProgressEvent) {
      for (const point of points(event)) {
        const line = toLine(point);
        if (line !== null) held.push(line);
      }
      if (held.length > mostHeld) held = held.slice(-mostHeld);
    },
    async close() {
      clearInterval(timer);
      await sending;
      await flush();
    },
  };
}

/** The target without user, password and query, which may be secret. */
function address(target: string): string {
  if (!/^https?:/i.test(target)) return target;
  const { protocol, host, pathname } = new URL(target);
  return `${protocol}//${host}${pathname}`;
}

import { Worker } from 'node:worker_threads';
import { ownSecret } from '../../protocol/secret.ts';
import { hangs } from '../components/load-module.ts';
import type { ModuleWatch } from '../components/module-watch.ts';

export interface LoadingWatchOptions {
  /** The run's `events.ndjson`. */
  events: string;
  attempt: number;
  /** How long the import of one module may take. */
  seconds: number;
}

/**
 * The thread's program, as text: while a loop at a module's top level blocks this process, only a thread can report it.
 * Plain JavaScript without imports of ours, so that no loader is needed.
 */
const program = `
const { parentPort, workerData: { events, signature, seconds } } = require('node:worker_threads');
const { appendFileSync, writeSync } = require('node:fs');
let timer;
parentPort.on('message', (reason) => {
  clearTimeout(timer);
  if (reason === null) return parentPort.close();
  timer = setTimeout(() => {
    writeSync(2, reason + '\\n');
    appendFileSync(events, JSON.stringify({ type: 'failed', reason, code: 'component.hangs', timeMs: Date.now(), ...signature }) + '\\n');
    // No listener runs while the loop does; this signal needs none, and is nobody else's.
    process.kill(process.pid, 'SIGALRM');
  }, seconds * 1000);
});
`;

/** Ends this process with an error that names the module whose import never returns. */
export function loadingWatch({ events, attempt, seconds }: LoadingWatchOptions): ModuleWatch {
  const signature = { attempt, ...ownSecret() };
  let thread: Worker | null = null;
  return {
    importing(where) {
      thread ??= new Worker(program, { eval: true, execArgv: [], workerData: { events, signature, seconds } });
      thread.unref();
      thread.postMessage(hangs(where, seconds).message);
    },
    imported() {
      thread?.postMessage(null);
    },
    calling() {},
  };
}

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../domain/errors.ts';

export type TaskResult<R> = { state: 'done'; value: R } | { state: 'failed'; reason: string };

export interface WorkerPoolOptions<T, R> {
  /** Module that answers each message with `{ value }` or `{ reason }` (see `serveTasks`). */
  script: URL;
  tasks: readonly T[];
  workers: number;
  timeoutMs: number;
  /** Size of a task in any unit: the largest start first, so that none of them is left running alone at the end. */
  sizeOf?: (task: T) => number;
  onResult?: (result: TaskResult<R>, index: number) => void;
  signal?: AbortSignal;
}

/**
 * Runs every task in a worker thread, one at a time in each. A task that throws, kills its thread or takes too long
 * fails alone: a dead or hung thread is replaced, and the rest continue. Results come in the order of the tasks.
 */
export async function runInWorkers<T, R>(options: WorkerPoolOptions<T, R>): Promise<TaskResult<R>[]> {
  const { tasks, workers, onResult, signal } = options;
  const results: TaskResult<R>[] = new Array(tasks.length);
  const sizes = tasks.map(options.sizeOf ?? (() => 0));
  const queue = [...tasks.keys()].sort((a, b) => sizes[b]! - sizes[a]!);
  const lane = async (): Promise<void> => {
    let worker: Worker | null = null;
    try {
      for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
        signal?.throwIfAborted();
        worker ??= startWorker(options.script);
        const { result, alive } = await runOne<T, R>(worker, tasks[index]!, options.timeoutMs, signal);
        if (!alive) {
          await worker.terminate();
          worker = null;
        }
        results[index] = result;
        onResult?.(result, index);
      }
    } finally {
      await worker?.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(workers, tasks.length)) }, lane));
  signal?.throwIfAborted();
  return results;
}

function startWorker(script: URL): Worker {
  // Keep what a reader prints about a broken file out of the command's output.
  const output = { stdout: true, stderr: true };
  const worker = script.pathname.endsWith('.ts')
    ? new Worker(typescriptLoader(script), { ...output, eval: true })
    : new Worker(script, output);
  worker.stdout.resume();
  worker.stderr.resume();
  worker.setMaxListeners(0);
  return worker;
}

/** `--import tsx` has no effect inside a worker thread of Node 20, so the thread registers it itself. */
function typescriptLoader(script: URL): string {
  const loader = new URL(
    './dist/esm/api/index.mjs',
    pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json')),
  ).href;
  return `import(${JSON.stringify(loader)}).then((tsx) => { tsx.register(); return import(${JSON.stringify(script.href)}); });`;
}

function runOne<T, R>(
  worker: Worker,
  task: T,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<{ result: TaskResult<R>; alive: boolean }> {
  return new Promise((resolve) => {
    const settle = (result: TaskResult<R>, alive: boolean): void => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      signal?.removeEventListener('abort', onAbort);
      resolve({ result, alive });
    };
    const onMessage = (answer: { value: R } | { reason: string }): void =>
      settle(
        'value' in answer ? { state: 'done', value: answer.value } : { state: 'failed', reason: answer.reason },
        true,
      );
    const onError = (error: unknown): void => settle({ state: 'failed', reason: messageOf(error) }, false);
    const onExit = (code: number): void =>
      settle({ state: 'failed', reason: `its worker ended with code ${code}` }, false);
    const onAbort = (): void => settle({ state: 'failed', reason: 'stopped' }, false);
    const timer = setTimeout(
      () => settle({ state: 'failed', reason: `no answer within ${timeoutMs / 1000} s` }, false),
      timeoutMs,
    );
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal?.addEventListener('abort', onAbort);
    worker.postMessage(task);
  });
}

import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../domain/errors.ts';

/** The worker's end of `runInWorkers`: answers each task with its value, or with the reason for its failure. */
export function serveTasks<T, R>(handle: (task: T) => Promise<R>): void {
  // A reader that fails after its answer must not take the thread down.
  process.on('unhandledRejection', () => {});
  parentPort?.on('message', (task: T) => {
    handle(task).then(
      (value) => parentPort?.postMessage({ value }),
      (error: unknown) => parentPort?.postMessage({ reason: messageOf(error) }),
    );
  });
}

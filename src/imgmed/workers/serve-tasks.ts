import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../domain/errors.ts';

/** The other end of `runInWorkers`: answers each task with its value, or with the reason why there is none. */
export function serveTasks<T, R>(handle: (task: T) => Promise<R>): void {
  // A reader that fails after its answer was given must not take the thread along.
  process.on('unhandledRejection', () => {});
  parentPort?.on('message', (task: T) => {
    handle(task).then(
      (value) => parentPort?.postMessage({ value }),
      (error: unknown) => parentPort?.postMessage({ reason: messageOf(error) }),
    );
  });
}

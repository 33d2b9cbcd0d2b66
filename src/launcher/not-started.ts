import type { LaunchedJob } from './launcher.ts';

/** A job that never was: nothing to stop, nothing to wait for. */
export function notStarted(message: string): LaunchedJob {
  return {
    handle: {},
    exited: Promise.resolve({ state: 'notStarted', message }),
    stop: async () => {},
    kill: async () => {},
  };
}

import type { LaunchedJob } from './launcher.ts';

/** A job that never started, with nothing to stop or to wait for. */
export function notStarted(message: string): LaunchedJob {
  return {
    handle: {},
    exited: Promise.resolve({ state: 'notStarted', message }),
    stop: async () => {},
    kill: async () => {},
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import type { LaunchedJob } from './launcher.ts';

export interface InsistedEndOptions {
  /** Asks the job to end, or ends it; may not reach it. */
  end(signal: 'KILL' | 'TERM'): Promise<void>;
  exited: LaunchedJob['exited'];
  isOver(): boolean;
  pollSeconds: number;
}

/** How a job of a scheduler is stopped and killed: a scheduler may be out of reach just now, so it is asked again until the job is over. */
export function insistedEnd({
  end,
  exited,
  isOver,
  pollSeconds,
}: InsistedEndOptions): Pick<LaunchedJob, 'stop' | 'kill'> {
  async function kill(): Promise<void> {
    while (!isOver()) {
      await end('KILL');
      await Promise.race([exited, delay(pollSeconds * 1000)]);
    }
  }
  return {
    async stop({ graceMs }) {
      await end('TERM');
      await Promise.race([exited, delay(graceMs)]);
      await kill();
    },
    kill,
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import type { LaunchedJob } from './launcher.ts';

export interface InsistedEndOptions {
  /** Asks the job to end (TERM) or kills it; may not reach it. */
  end(signal: 'KILL' | 'TERM'): Promise<void>;
  exited: LaunchedJob['exited'];
  isOver(): boolean;
  pollSeconds: number;
}

/** Stops and kills a scheduler's job. Kills repeat until it is over: the scheduler may be unreachable for a while. */
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

import type { Liveness } from '../../config/sections/launcher.ts';
import { busyWith } from './busy-with.ts';
import { heartbeatWatch } from './heartbeat-watch.ts';
import { stoppedProcesses } from './stopped-processes.ts';

/** Milliseconds between checks of heartbeats and of stopped processes. */
const lookMs = 500;

export interface HangWatchOptions extends Liveness {
  runDirectory: string;
  attempt: string;
  /** Number of ranks that must beat once one does; left out: only those that did. */
  workers?: number;
  /** Ends the job's processes; called repeatedly until the watch is over. */
  end: () => void;
}

/** Watches an attempt's processes for a hang: a rank that fell silent, no new step, a process stopped by a signal. */
export function hangWatch({ end, ...options }: HangWatchOptions) {
  const watch = heartbeatWatch(options);
  const stopped = stoppedProcesses(options);
  let lost: string | null = null;
  let asking = false;
  const timer = setInterval(look, lookMs);

  function look(): void {
    if (lost !== null) end();
    const said = asking || lost !== null ? null : (watch.look() ?? stopped.look());
    if (said === null) return;
    asking = true;
    void busyWith(options)
      .catch(() => null)
      .then((busy) => {
        lost = busy === null ? said : `${said}. At that point, ${busy}`;
        asking = false;
        end();
      });
  }

  return {
    /** What is wrong with the attempt; null while nothing is. */
    lost: () => lost,
    over: () => clearInterval(timer),
  };
}

import type { Liveness } from '../../config/sections/launcher.ts';
import { busyWith } from './busy-with.ts';
import { heartbeatWatch } from './heartbeat-watch.ts';
import { stoppedProcesses } from './stopped-processes.ts';

/** Milliseconds between looks at heartbeats and at stopped processes. */
const lookMs = 500;

export interface HangWatchOptions extends Liveness {
  runDirectory: string;
  attempt: string;
  /** Ranks that must beat once one of them does; left out: those that did. */
  workers?: number;
  /** Ends the job's processes; called again and again until the watch is over. */
  end: () => void;
}

/** Looks for a hang among an attempt's processes as long as it runs: a rank that fell silent, a step that is not made, a process that a signal holds. */
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
        lost = busy === null ? said : `${said}. There, ${busy}`;
        asking = false;
        end();
      });
  }

  return {
    /** What is wrong with it; null as long as nothing is. */
    lost: () => lost,
    over: () => clearInterval(timer),
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Liveness } from '../../config/sections/launcher.ts';
import { type BusyWithOptions, busyWith } from './busy-with.ts';
import { heartbeatWatch } from './heartbeat-watch.ts';

export interface SilenceWatchOptions extends Liveness, BusyWithOptions {
  /** Number of ranks that must beat once one does. */
  workers: number;
  /** Whether the job is queued, where nothing beats. */
  isWaiting(): boolean;
}

export interface NextPoll {
  /** Time from the last poll to the next one; may become shorter meanwhile. */
  seconds(): number;
  isDueEarly(): boolean;
}

/** Watches the heartbeats of a scheduler's job between polls of the queue, rarer because they burden its controller. */
export function silenceWatch(options: SilenceWatchOptions) {
  let watch = heartbeatWatch(options);
  let silence: string | null = null;
  // Often enough that the watch does not take its own pauses for sleep.
  const lookMs = Math.max(500, options.heartbeatSeconds * 100);
  const looks = setInterval(() => {
    silence = options.isWaiting() ? null : watch.look();
  }, lookMs);
  // An engine that leaves its jobs to a later one must not be kept alive by this.
  looks.unref();
  return {
    isSilent: () => silence !== null,
    /** Which rank is silent, and where the job's processes are; null if none is silent. */
    async whereItHangs(): Promise<string | null> {
      const said = silence;
      const place = said === null ? null : await busyWith(options);
      return place === null ? said : `${said}. At that point, ${place}`;
    },
    /** The job has started again: the silence of its earlier ranks does not count. */
    restart(): void {
      watch = heartbeatWatch(options);
      silence = null;
    },
    async untilNextPoll({ seconds, isDueEarly }: NextPoll): Promise<void> {
      const beganMs = performance.now();
      for (;;) {
        const leftMs = beganMs + seconds() * 1000 - performance.now();
        if (leftMs <= 0 || isDueEarly()) return;
        await delay(Math.min(lookMs, leftMs), undefined, { ref: false });
      }
    },
    over: () => clearInterval(looks),
  };
}

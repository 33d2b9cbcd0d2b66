import { setTimeout as delay } from 'node:timers/promises';
import type { Liveness } from '../../config/sections/launcher.ts';
import { type BusyWithOptions, busyWith } from './busy-with.ts';
import { heartbeatWatch } from './heartbeat-watch.ts';

export interface SilenceWatchOptions extends Liveness, BusyWithOptions {
  /** Ranks that must beat once one of them does. */
  workers: number;
  /** Is the job in its queue, where nothing beats? */
  isWaiting(): boolean;
}

export interface NextPoll {
  /** From the last poll to the next one; may become shorter meanwhile. */
  seconds(): number;
  isDueEarly(): boolean;
}

/** Looks at the heartbeats of a scheduler's job, more often than at the queue, whose answers cost its controller. */
export function silenceWatch(options: SilenceWatchOptions) {
  let watch = heartbeatWatch(options);
  let silence: string | null = null;
  // Never so rarely that the watch forgives itself.
  const lookMs = Math.max(500, options.heartbeatSeconds * 100);
  const looks = setInterval(() => {
    silence = options.isWaiting() ? null : watch.look();
  }, lookMs);
  // An engine that leaves its jobs to a later one must not be held up by this.
  looks.unref();
  return {
    isSilent: () => silence !== null,
    /** Which rank is silent, and where its processes stand; null where none is. */
    async whereItHangs(): Promise<string | null> {
      const said = silence;
      const place = said === null ? null : await busyWith(options);
      return place === null ? said : `${said}. There, ${place}`;
    },
    /** The job began anew: its earlier ranks' silence is none. */
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

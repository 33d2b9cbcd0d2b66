import { messageOf } from '../domain/errors.ts';
import type { OnProgress, ProgressEvent } from '../domain/progress.ts';

/** Something that watches a study from beside it. */
export interface Subscriber {
  observe: OnProgress;
  /** Writes out what it still holds. */
  close(): Promise<void>;
}

/** A subscriber whose failures are said once, and never reach the study. */
export function guarded(name: string, subscriber: Subscriber, warn: (message: string) => void): Subscriber {
  let said = false;
  const complain = (thrown: unknown) => {
    if (said) return;
    said = true;
    warn(`${name} failed: ${messageOf(thrown)}. The study goes on; what it missed is not sent again.`);
  };
  return {
    observe(event: ProgressEvent) {
      try {
        subscriber.observe(event);
      } catch (thrown) {
        complain(thrown);
      }
    },
    async close() {
      await subscriber.close().catch(complain);
    },
  };
}

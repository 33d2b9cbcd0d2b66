import { messageOf } from '../domain/errors.ts';
import type { OnProgress, ProgressEvent } from '../domain/progress.ts';

/** An observer of a study's progress. */
export interface Subscriber {
  observe: OnProgress;
  /** Flushes what is still buffered. */
  close(): Promise<void>;
}

/** Wraps a subscriber so that its failures never reach the study; only the first is reported. */
export function guarded(name: string, subscriber: Subscriber, warn: (message: string) => void): Subscriber {
  let said = false;
  const complain = (thrown: unknown) => {
    if (said) return;
    said = true;
    warn(`${name} failed: ${messageOf(thrown)}. The study continues; what was missed is not sent again.`);
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

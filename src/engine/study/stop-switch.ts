import type { GuidelineEvent } from '../../domain/study.ts';

export type StopEvent = Extract<GuidelineEvent, { type: 'budget.spent' | 'study.cancelled' }>;

/** The one switch that stops all trainings of a study, and why it was thrown. */
export interface StopSwitch {
  /** Aborted once anything stops the study. */
  readonly signal: AbortSignal;
  /** Stops it for good, with the event that the guideline will receive. */
  end(event: StopEvent): void;
  /** Stops the trainings because nothing is left to do. */
  halt(): void;
  /** Stops it because the engine itself cannot continue. */
  fail(thrown: unknown): void;
  event(): StopEvent | null;
  failure(): { thrown: unknown } | null;
  /** Resolves when the switch is thrown. */
  thrown: Promise<void>;
  /** Stops listening to the outer signal. */
  dispose(): void;
}

export function stopSwitch(outer: AbortSignal | undefined): StopSwitch {
  const controller = new AbortController();
  const { signal } = controller;
  let event: StopEvent | null = null;
  let failure: { thrown: unknown } | null = null;
  const interrupt = () => controller.abort(typeof outer?.reason === 'string' ? outer.reason : 'interrupted');
  if (outer?.aborted) interrupt();
  outer?.addEventListener('abort', interrupt);
  return {
    signal,
    end(cause) {
      event ??= cause;
      controller.abort(cause.reason);
    },
    halt: () => controller.abort('the study has ended'),
    fail(thrown) {
      failure ??= { thrown };
      controller.abort('the engine failed');
    },
    event: () => event,
    failure: () => failure,
    thrown: new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve());
    }),
    dispose: () => outer?.removeEventListener('abort', interrupt),
  };
}

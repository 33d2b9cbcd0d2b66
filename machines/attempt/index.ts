import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import type { AttemptEvent, AttemptInput, StopRequest } from './input.ts';
import { attemptMachine } from './machine.ts';
import { stopRequest } from './take.ts';

export type { AskedRun } from './asked.ts';
export { type AttemptFacts, addFact, finalEvaluation, noFacts } from './facts.ts';
export type { AttemptEvent, AttemptInput, StopCause, StopRequest, TrainerReport } from './input.ts';
export { attemptMachine } from './machine.ts';
export { continuedFrom, measuredAttempt } from './measured.ts';

export type AttemptState = SnapshotFrom<typeof attemptMachine>;

/** What the engine is asked to do: stop the job (at most once) or warn the user. */
export type AttemptRequest = ({ type: 'stop' } & StopRequest) | { type: 'warn'; message: string };

/** An attempt whose processes have just been started, or found again. */
export function startAttempt(input: AttemptInput): AttemptState {
  return initialTransition(attemptMachine, input)[0];
}

/** The attempt after an event, and the resulting requests. Pure; an attempt that has ended ignores events. */
export function advanceAttempt(
  state: AttemptState,
  event: AttemptEvent,
): { state: AttemptState; requests: AttemptRequest[] } {
  const [next, actions] = transition(attemptMachine, state, event);
  const requests = actions.flatMap(({ type }): AttemptRequest[] => {
    if (type === 'stop') return [{ type, ...stopRequest(next.context) }];
    return type === 'warn' ? [{ type, message: next.context.heldUpBy ?? '' }] : [];
  });
  return { state: next, requests };
}

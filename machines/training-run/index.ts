import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import type { TrainingRunEvent, TrainingRunInput } from './input.ts';
import { trainingRunMachine } from './machine.ts';

export type { TrainingRunEvent, TrainingRunInput } from './input.ts';
export { trainingRunMachine } from './machine.ts';

/** `launch`, `warmup`, `stabilization`, `decay`, `evaluate`, then `finished`, `diverged` or `failed`. */
export type RunPhase = SnapshotFrom<typeof trainingRunMachine>['value'];
export type TrainingRunState = SnapshotFrom<typeof trainingRunMachine>;

/** A run whose processes have just been started. */
export function startRun(input: TrainingRunInput): TrainingRunState {
  return initialTransition(trainingRunMachine, input)[0];
}

/** The run after an event; an epoch that was reported before changes nothing. */
export function advanceRun(state: TrainingRunState, event: TrainingRunEvent): TrainingRunState {
  return transition(trainingRunMachine, state, event)[0];
}

export function runPhase({ value }: TrainingRunState): RunPhase {
  return value;
}

/** Why the run counts as diverged; null where it does not. */
export function divergenceReason({ value, context }: TrainingRunState): string | null {
  return value === 'diverged' ? (context.reason ?? 'diverged') : null;
}

/** When the run counts as lost unless it is heard of before; null once it has ended. */
export function runDeadline({ status, value, context }: TrainingRunState): { atMs: number; reason: string } | null {
  if (status !== 'active') return null;
  const { launchMs, silenceMs } = context.input.limits;
  const [limit, what] = value === 'launch' ? [launchMs, 'did not start'] : [silenceMs, 'was silent'];
  return { atMs: context.heardAtMs + limit, reason: `${what} for ${limit / 1000} s` };
}

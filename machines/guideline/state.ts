import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import type { GuidelineEvent } from '../../src/domain/study.ts';
import type { GuidelineContext } from './context.ts';
import { checkGuidelineInput, type GuidelineInput } from './input.ts';
import { guidelineMachine } from './machine.ts';

/** A snapshot of the flowchart. Advance it with `advance`, read it with the selectors. */
export type GuidelineState = SnapshotFrom<typeof guidelineMachine>;

/** A snapshot as plain JSON. */
export interface SavedGuidelineState {
  value: string;
  context: GuidelineContext;
}

/** The state before anything has been trained. Throws if the input makes no sense. */
export function start(input: GuidelineInput): GuidelineState {
  checkGuidelineInput(input);
  return initialTransition(guidelineMachine, input)[0];
}

/** The state after an event. Pure; an event that is not awaited, or a second one for the same run, changes nothing. */
export function advance(state: GuidelineState, event: GuidelineEvent): GuidelineState {
  return transition(guidelineMachine, state, event)[0];
}

/** For storing; `restore(save(state))` behaves as `state` does. */
export function save(state: GuidelineState): SavedGuidelineState {
  return { value: String(state.value), context: state.context };
}

export function restore({ value, context }: SavedGuidelineState): GuidelineState {
  const states = Object.keys(guidelineMachine.states);
  const known = states.find((name): name is GuidelineState['value'] => name === value);
  if (!known) throw new RangeError(`guideline: unknown state "${value}". States: ${states.join(', ')}.`);
  return guidelineMachine.resolveState({ value: known, context });
}

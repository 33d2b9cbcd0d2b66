import { getMicrosteps } from 'xstate';
import { type AttemptEvent, type AttemptState, attemptMachine } from '../../../machines/attempt/index.ts';
import { attemptChart } from '../../../machines/chart/index.ts';

const drawn = new Set(attemptChart().edges.map(({ from, to }) => `${from} → ${to}`));

/** The changes of state that an event makes, as `from → to`, in order. */
export function arrowsOf(state: AttemptState, event: AttemptEvent): string[] {
  const states = [state, ...getMicrosteps(attemptMachine, state, event).map(([next]) => next)].map(
    ({ value }) => value,
  );
  return states.slice(1).flatMap((to, i) => (to === states[i] ? [] : [`${states[i]} → ${to}`]));
}

/** Those of them that `autopilot chart --run` does not draw. */
export function undrawn(arrows: Iterable<string>): string[] {
  return [...arrows].filter((arrow) => !drawn.has(arrow));
}

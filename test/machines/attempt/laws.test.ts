import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AttemptEvent,
  type AttemptInput,
  type AttemptRequest,
  advanceAttempt,
  attemptMachine,
  startAttempt,
  type TrainerReport,
} from '../../../machines/attempt/index.ts';
import { arrowsOf, undrawn } from './arrows.ts';

const loss = fc.oneof(fc.double({ min: -2, max: 2 }), fc.constantFrom(NaN, Infinity, 1e9));
const report: fc.Arbitrary<TrainerReport> = fc.oneof(
  fc.record({
    type: fc.constant('started' as const),
    workers: fc.constantFrom(undefined, 1, 2),
    capabilities: fc.option(fc.record({ optimizers: fc.subarray(['sgd', 'adam']) }), { nil: undefined }),
  }),
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('epoch' as const),
      epoch: fc.integer({ min: 1, max: 12 }),
      lr: fc.constantFrom(undefined, 0.1, 0.15, 1),
      loss: fc.option(loss, { nil: undefined }),
      metrics: fc.option(fc.record({ dice: fc.constantFrom(0, 0.5) }), { nil: undefined }),
    }),
  },
  fc.record({
    type: fc.constant('evaluation' as const),
    split: fc.constantFrom(undefined, 'validation', 'test'),
    metrics: fc.record({ dice: fc.constantFrom(0.5, 0.6) }),
  }),
  fc.constantFrom<TrainerReport[]>(
    { type: 'heartbeat' },
    { type: 'finished' },
    { type: 'failed', reason: 'broken' },
    { type: 'diverged', reason: 'too large' },
  ),
);

/** Anything that can happen, at any time, in any order; an end among it is no end of what happens. */
const event: fc.Arbitrary<AttemptEvent> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('reported' as const), atMs: fc.nat(400_000), report }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('ticked' as const),
      atMs: fc.nat(400_000),
      waiting: fc.boolean(),
      heldUpBy: fc.constantFrom(null, 'one thing', 'another'),
    }),
  },
  fc.record({
    type: fc.constant('stranger' as const),
    atMs: fc.nat(400_000),
    kind: fc.constantFrom('unsigned' as const, 'foreign' as const),
  }),
  fc.record({
    type: fc.constant('interrupted' as const),
    reason: fc.constant('Ctrl-C'),
    resumes: fc.boolean(),
  }),
  fc.constantFrom<AttemptEvent[]>(
    { type: 'unreadable', problem: 'metrics: missing' },
    { type: 'failed', reason: 'the disk is full' },
    { type: 'unstoppable' },
    { type: 'exited' },
  ),
);
const events = fc.array(event, { maxLength: 40 });

const anyInput: fc.Arbitrary<AttemptInput> = fc.record({
  epochs: fc.constant(12),
  setting: fc.record({
    warmupEpochs: fc.integer({ min: 0, max: 6 }),
    decayEpochs: fc.integer({ min: 0, max: 6 }),
    optimizer: fc.constant('sgd' as const),
  }),
  asked: fc.record({
    workers: fc.constant(2),
    batchPerWorker: fc.constant(1),
    optimizer: fc.constant('sgd' as const),
    epochs: fc.constant(12),
    rates: fc.constant(Array.from({ length: 12 }, () => ({ start: 0.1, lowest: 0.1, highest: 0.2 }))),
  }),
  primary: fc.constant('dice'),
  divergence: fc.constant({ lossFactor: 10, zeroEpochs: 3 }),
  timeouts: fc.constant({ startMinutes: 2, silenceMinutes: 3, stopSeconds: 30 }),
  outlivesEngine: fc.boolean(),
  earlier: fc.constantFrom([], [{ epoch: 1, loss: 0.5 }]),
  startedAtMs: fc.constant(0),
});

function walk(input: AttemptInput, happens: AttemptEvent[]) {
  let state = startAttempt(input);
  const arrows: string[] = [];
  const asked: AttemptRequest[] = [];
  const states = [state];
  for (const each of happens) {
    arrows.push(...arrowsOf(state, each));
    const next = advanceAttempt(state, each);
    state = next.state;
    states.push(state);
    asked.push(...next.requests);
  }
  return { states, last: state, arrows, stops: asked.filter(({ type }) => type === 'stop') };
}

test('whatever happens in whatever order: it ends exactly once, and hears nothing afterwards', () => {
  fc.assert(
    fc.property(anyInput, events, events, (input, happens, later) => {
      const { last, states, arrows } = walk(input, [...happens, { type: 'exited' }]);
      expect(last.status).toBe('done');
      expect(arrows.filter((arrow) => /→ (ended|left)$/.test(arrow))).toHaveLength(1);
      const end = states.findIndex(({ status }) => status === 'done');
      expect(states.slice(end).every((state) => state.context === states[end]?.context)).toBe(true);
      for (const each of later) expect(advanceAttempt(last, each)).toEqual({ state: last, requests: [] });
    }),
    { numRuns: 300 },
  );
});

test('a stop is asked for at most once, and always where there is a cause', () => {
  fc.assert(
    fc.property(anyInput, events, (input, happens) => {
      const { last, arrows, stops } = walk(input, happens);
      expect(stops.length).toBeLessThanOrEqual(1);
      expect(stops).toHaveLength(arrows.filter((arrow) => arrow.endsWith('→ stopping')).length);
      if (last.context.stopCause !== null) expect(stops).toHaveLength(1);
    }),
    { numRuns: 300 },
  );
});

test('the same events lead to the same attempt, and no event changes an earlier state', () => {
  fc.assert(
    fc.property(anyInput, events, (input, happens) => {
      const { states } = walk(input, happens);
      const copies = structuredClone(states.map(({ context }) => context));
      const again = walk(input, happens);
      expect(again.states.map(({ context }) => context)).toEqual(copies);
      expect(states.map(({ context }) => context)).toEqual(copies);
    }),
  );
});

test('it goes only where the chart has an arrow, and every state can be reached', () => {
  const reached = new Set<unknown>();
  fc.assert(
    fc.property(anyInput, events, (input, happens) => {
      const { arrows, states } = walk(input, happens);
      expect(undrawn(arrows)).toEqual([]);
      for (const { value } of states) reached.add(value);
    }),
    { numRuns: 300, seed: 1 },
  );
  expect([...reached].sort()).toEqual(Object.keys(attemptMachine.states).sort());
});

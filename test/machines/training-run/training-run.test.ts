import { expect, test } from 'vitest';
import {
  advanceRun,
  divergenceReason,
  runDeadline,
  runPhase,
  startRun,
  type TrainingRunEvent,
} from '../../../machines/training-run/index.ts';

const input = {
  epochs: 40,
  warmupEpochs: 5,
  decayEpochs: 15,
  primaryMetric: 'dice',
  divergence: { lossFactor: 10, zeroEpochs: 3 },
  limits: { launchMs: 60_000, silenceMs: 10_000 },
  launchedAtMs: 1000,
};
const epoch = (number: number, loss: number, dice?: number): TrainingRunEvent => ({
  type: 'run.epoch',
  atMs: 1000 + number,
  epoch: number,
  loss,
  ...(dice === undefined ? {} : { metrics: { dice } }),
});
const after = (...events: TrainingRunEvent[]) => events.reduce(advanceRun, startRun(input));

test.each([
  [1, 'warmup'],
  [4, 'warmup'],
  [5, 'stabilization'],
  [24, 'stabilization'],
  [25, 'decay'],
  [39, 'decay'],
  [40, 'evaluate'],
])('after %d of 40 epochs the run is in %s', (number, phase) => {
  expect(runPhase(after(epoch(number, 1)))).toBe(phase);
});

test('launches, trains, evaluates, finishes', () => {
  expect(runPhase(startRun(input))).toBe('launch');
  const started = after({ type: 'run.started', atMs: 2000 });
  expect(runPhase(started)).toBe('warmup');
  expect(runPhase(advanceRun(started, { type: 'run.finished', atMs: 3 }))).toBe('finished');
});

test.each([NaN, Infinity])('a loss of %d is divergence', (loss) => {
  const state = after(epoch(1, 1), epoch(2, loss));
  expect(divergenceReason(state)).toContain('the loss became');
});

test('a loss over ten times the first is divergence, ten times is not', () => {
  expect(runPhase(after(epoch(1, 0.5), epoch(2, 5)))).toBe('warmup');
  expect(divergenceReason(after(epoch(1, 0.5), epoch(2, 5.1)))).toContain('more than 10 times');
});

test('a zero dice is divergence only when it persists after warmup', () => {
  const zeros = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => epoch(from + i, 1, 0));
  expect(divergenceReason(after(...zeros(1, 7)))).toBeNull();
  expect(divergenceReason(after(...zeros(1, 8)))).toContain('dice was 0 for 3 epochs');
  expect(divergenceReason(after(...zeros(1, 7), epoch(8, 1, 0.1), ...zeros(9, 10)))).toBeNull();
});

test('an epoch told twice counts once', () => {
  const state = after(epoch(6, 1, 0), epoch(6, 1, 0), epoch(6, 1, 0), epoch(6, 1, 0));
  expect(divergenceReason(state)).toBeNull();
});

test('the deadline moves with every sign of life and ends with the run', () => {
  expect(runDeadline(startRun(input))?.atMs).toBe(61_000);
  expect(runDeadline(after({ type: 'run.started', atMs: 5000 }))?.atMs).toBe(15_000);
  expect(runDeadline(after({ type: 'run.started', atMs: 5000 }, { type: 'run.heartbeat', atMs: 9000 }))?.atMs).toBe(
    19_000,
  );
  expect(runDeadline(after({ type: 'run.failed', atMs: 1, reason: 'x' }))).toBeNull();
});

import { expect, test } from 'vitest';
import {
  type AttemptEvent,
  type AttemptInput,
  type AttemptRequest,
  type AttemptState,
  advanceAttempt,
  startAttempt,
  type TrainerReport,
} from '../../../machines/attempt/index.ts';

const input: AttemptInput = {
  epochs: 40,
  setting: { warmupEpochs: 5, decayEpochs: 15, optimizer: 'momentum' },
  asked: {
    workers: 4,
    batchPerWorker: 1,
    optimizer: 'momentum',
    epochs: 40,
    rates: Array.from({ length: 40 }, () => ({ start: 0.1, lowest: 0.1, highest: 0.4 })),
  },
  primary: 'dice',
  divergence: { lossFactor: 10, zeroEpochs: 3 },
  timeouts: { startMinutes: 1, silenceMinutes: 2, stopSeconds: 30 },
  outlivesEngine: false,
  earlier: [],
  startedAtMs: 0,
};

function after(events: AttemptEvent[], changes: Partial<AttemptInput> = {}) {
  return events.reduce<{ state: AttemptState; requests: AttemptRequest[] }>(
    ({ state, requests }, event) => {
      const next = advanceAttempt(state, event);
      return { state: next.state, requests: [...requests, ...next.requests] };
    },
    { state: startAttempt({ ...input, ...changes }), requests: [] },
  );
}
const phase = (...events: AttemptEvent[]) => after(events).state.value;
const cause = (events: AttemptEvent[], changes?: Partial<AttemptInput>) =>
  after(events, changes).state.context.stopCause;

const says = (report: TrainerReport, atMs = 0): AttemptEvent => ({ type: 'reported', atMs, report });
const epoch = (number: number, loss: number, dice?: number): AttemptEvent =>
  says({ type: 'epoch', epoch: number, loss, ...(dice === undefined ? {} : { metrics: { dice } }) });
const tick = (minutes: number, changes: { waiting?: boolean; heldUpBy?: string } = {}): AttemptEvent => ({
  type: 'ticked',
  atMs: minutes * 60_000,
  waiting: false,
  heldUpBy: null,
  ...changes,
});
const finished = says({ type: 'finished' });
const exited: AttemptEvent = { type: 'exited' };
const interrupted: AttemptEvent = { type: 'interrupted', reason: 'Ctrl-C', resumes: true };
const failed: AttemptEvent = { type: 'failed', reason: 'the disk is full' };

test.each([
  [1, 'warmingUp'],
  [4, 'warmingUp'],
  [5, 'stabilizing'],
  [24, 'stabilizing'],
  [25, 'decaying'],
  [39, 'decaying'],
  [40, 'evaluating'],
])('after %d of 40 epochs the attempt is %s', (number, value) => {
  expect(phase(epoch(number, 1))).toBe(value);
});

test('waits in a queue, launches, trains, finishes, ends', () => {
  const walk = [tick(0.1, { waiting: true }), tick(0.2), says({ type: 'started' }), finished, exited];
  expect(walk.map((_, i) => phase(...walk.slice(0, i + 1)))).toEqual([
    'queued',
    'launched',
    'warmingUp',
    'finishing',
    'ended',
  ]);
  expect(after(walk).requests).toEqual([]);
});

test.each([NaN, Infinity])('a loss of %d is divergence', (loss) => {
  expect(cause([epoch(1, 1), epoch(2, loss)])).toMatchObject({
    type: 'diverged',
    reason: expect.stringContaining('the loss became'),
  });
});

test('a loss over ten times the first is divergence, ten times is not', () => {
  expect(cause([epoch(1, 0.5), epoch(2, 5)])).toBeNull();
  expect(cause([epoch(1, 0.5), epoch(2, 5.1)])).toMatchObject({
    reason: expect.stringContaining('more than 10 times'),
  });
});

const zeros = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => epoch(from + i, 1, 0));

test('a zero dice is divergence only when it persists after warmup', () => {
  expect(cause(zeros(1, 7))).toBeNull();
  expect(cause(zeros(1, 8))).toMatchObject({ reason: expect.stringContaining('dice was 0 for 3 epochs') });
  expect(cause([...zeros(1, 7), epoch(8, 1, 0.1), ...zeros(9, 10)])).toBeNull();
});

test('an epoch told twice counts once', () => {
  expect(cause([epoch(6, 1, 0), epoch(6, 1, 0), epoch(6, 1, 0), epoch(6, 1, 0)])).toBeNull();
});

test('an epoch trained again takes the place of what was told of it, and of those after it', () => {
  const started = says({ type: 'started' });
  expect(cause([...zeros(1, 7), started, ...zeros(6, 7)])).toBeNull();
  expect(cause([...zeros(1, 7), started, ...zeros(6, 8)])).toMatchObject({ type: 'diverged' });
  expect(cause([epoch(1, 1), epoch(2, 1), epoch(3, 1), started, epoch(2, NaN)])).toMatchObject({ type: 'diverged' });
});

test("a run that goes on is measured against its first attempt's losses", () => {
  const earlier = [
    { epoch: 1, loss: 1, metrics: null },
    { epoch: 2, loss: 0.5, metrics: null },
    { epoch: 3, loss: 0.4, metrics: null },
  ];
  expect(cause([epoch(3, 9)], { earlier })).toBeNull();
  expect(cause([epoch(3, 11)], { earlier })).toMatchObject({ reason: expect.stringContaining("first epoch's 1") });
  // From the beginning again: nothing of it counts.
  expect(cause([epoch(1, 11), epoch(2, 12)], { earlier })).toBeNull();
});

test('every sign of life moves the deadline, and a queue has none', () => {
  expect(cause([tick(0.99)])).toBeNull();
  expect(cause([tick(1)])).toEqual({ type: 'neverReported', minutes: 1 });
  expect(cause([tick(5, { waiting: true }), tick(5.9)])).toBeNull();
  const beat = says({ type: 'heartbeat' }, 60_000);
  expect(cause([beat, tick(2.9)])).toBeNull();
  expect(cause([beat, tick(3)])).toEqual({ type: 'silent', minutes: 2 });
  expect(cause([finished, tick(99)])).toBeNull();
});

test('the beat of a thread is no sign of life while its rank, which counts its progress, makes none', () => {
  const beat = (minutes: number, progress: number) => says({ type: 'heartbeat', rank: 0, progress }, minutes * 60_000);
  expect(cause([beat(0, 0), beat(1.5, 1), beat(3, 1), tick(3.4)])).toBeNull();
  expect(cause([beat(0, 0), beat(1.5, 1), beat(3, 1), tick(3.5)])).toEqual({ type: 'silent', minutes: 2 });
});

test('one that signs nothing is stopped after ten seconds, one whose stranger is heard first is not', () => {
  const stranger: AttemptEvent = { type: 'stranger', atMs: 0, kind: 'unsigned' };
  expect(cause([stranger, tick(1 / 7)])).toBeNull();
  expect(cause([stranger, tick(1 / 6)])).toEqual({ type: 'unsigned' });
  expect(cause([stranger, says({ type: 'started' }), tick(1 / 6)])).toBeNull();
});

test.each([
  ['diverging', [epoch(1, NaN)], { graceMs: 5000, gently: false }],
  ['the engine failing', [failed], { graceMs: 30_000, gently: true }],
  ['an interruption', [interrupted], { graceMs: 30_000, gently: true }],
  ['hanging after it has finished', [finished, tick(0.4), tick(0.5), tick(0.6)], { graceMs: 1000, gently: false }],
  ['first one cause, then another', [epoch(1, NaN), interrupted, failed, tick(9)], { graceMs: 5000, gently: false }],
] as const)('%s asks for one stop, and the end is that of its job', (_, events, params) => {
  const { state, requests } = after([...events]);
  expect(requests).toEqual([{ type: 'stop', ...params }]);
  expect(state.value).toBe('stopping');
  expect(advanceAttempt(state, exited).state.value).toBe('ended');
  expect(advanceAttempt(state, { type: 'unstoppable' }).state.value).toBe('ended');
});

test('a job that outlives the engine is left where the study is to go on, and stopped where it is not', () => {
  const left = after([interrupted], { outlivesEngine: true });
  expect([left.state.value, left.requests]).toEqual(['left', []]);
  const { state } = after([{ ...interrupted, resumes: false }], { outlivesEngine: true });
  expect(state.value).toBe('stopping');
});

test('what holds a job up in its queue is said once', () => {
  const held = tick(0.1, { waiting: true, heldUpBy: 'the account is empty' });
  expect(after([held, held, tick(0.2, { waiting: true }), held]).requests).toEqual(
    Array(2).fill({ type: 'warn', message: 'the account is empty' }),
  );
});

test('a trainer that cannot do the optimizer is stopped', () => {
  const can = (optimizers: string[]) => [says({ type: 'started', capabilities: { optimizers } })];
  expect(cause(can(['momentum']))).toBeNull();
  expect(cause(can(['adam']))).toMatchObject({ type: 'wrongOptimizer', reason: expect.stringContaining('only adam') });
});

test('an epoch begins at the rate that was asked, unless a gradient scaler left steps out', () => {
  const rated = (leftOut?: number) =>
    says({ type: 'epoch', epoch: 1, measured: { lr: [{ min: 0.2, max: 0.4 }], leftOut } });
  expect(cause([rated()])).toMatchObject({ type: 'notAsAsked' });
  expect(cause([rated(3)])).toBeNull();
});

test('a trainer that stops by itself has trained what it says, and no less', () => {
  const two = [epoch(1, 1), epoch(2, 1)];
  expect(cause([...two, finished])).toMatchObject({ type: 'notAsAsked' });
  expect(cause([...two, says({ type: 'finished', stoppedAfter: 2 })])).toBeNull();
  expect(cause([...two, says({ type: 'finished', stoppedAfter: 3 })])).toMatchObject({ type: 'notAsAsked' });
});

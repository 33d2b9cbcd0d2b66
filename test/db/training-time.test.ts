import { expect, it } from 'vitest';
import { budgetOf, workedMs, workerMs } from '../../src/engine/study/budget.ts';
import { addRun, exampleStore } from './example-store.ts';

const second = 1000;

const id = 'example.iteration-1';

/** A run of four workers: queued for an hour, 40 s of training, lost for a weekend, 20 s more. */
function lostForAWeekend() {
  const store = exampleStore();
  const runId = addRun(store, 'iteration-1', 1);
  const attempt = { runId, secret: null, launcher: 'slurm', resumeFrom: null };
  const weekend = 2 * 86_400 * second;
  store.insertAttempt({ ...attempt, name: 'r.1', number: 1, createdMs: 0 });
  store.markRunStarted(runId, 0);
  store.markAttemptStarted('r.1', {}, 0);
  for (const atMs of [3600, 3620, 3640]) store.markAttemptSeen('r.1', { fromMs: atMs * second });
  store.markAttemptEnded('r.1', { reason: 'gone', message: null, timeMs: weekend });
  store.insertAttempt({ ...attempt, name: 'r.2', number: 2, createdMs: weekend });
  store.markAttemptStarted('r.2', {}, weekend);
  for (const after of [10, 30]) store.markAttemptSeen('r.2', { fromMs: weekend + after * second });
  return store;
}

it('counts as training what lies between the signs of life of each attempt: no queue, no outage', () => {
  const store = lostForAWeekend();
  const [first, second_] = store.attemptsOf(id);
  expect([first?.activeMs, first?.queuedMs]).toEqual([40 * second, 3600 * second]);
  expect([second_?.activeMs, second_?.queuedMs]).toEqual([20 * second, 10 * second]);
  expect(store.run(id)).toMatchObject({ activeMs: 60 * second, queuedMs: 3610 * second });
  expect(store.totalsOf('example')).toMatchObject({ seconds: 60, workerHours: 240 / 3600 });
});

it('spends no budget while a job is queued or lost', () => {
  const store = lostForAWeekend();
  expect(workerMs(store.runsOf('example'))).toBe(240 * second);
  expect(workedMs(store.trainingSpansOf('example'))).toBe(60 * second);
  const spent = (limits: Parameters<typeof budgetOf>[0]['limits']) =>
    budgetOf({ store, studyId: 'example', limits, studies: ['example'] }).spent();
  expect(spent({ hours: 0.02, workerHours: 0.08, trainingHours: 0.02 })).toBeNull();
  expect(spent({ hours: 0.01 })).toBe('the budget of 0.01 hours is spent');
  expect(spent({ workerHours: 0.06 })).toBe('the budget of 0.06 worker hours is spent');
  expect(spent({ trainingHours: 0.01 })).toBe('the budget of 0.01 hours of training is spent');
});

it('counts hours in which two runs trained at once only once', () => {
  const spans = [
    { fromMs: 0, toMs: 10 },
    { fromMs: 2, toMs: 5 },
    { fromMs: 8, toMs: 12 },
    { fromMs: 100, toMs: 101 },
  ];
  expect(workedMs(spans)).toBe(13);
});

it('takes launch and end of an attempt that an earlier version stored', () => {
  const store = lostForAWeekend();
  store.insertAttempt({
    runId: id,
    secret: null,
    launcher: 'local',
    resumeFrom: null,
    name: 'r.3',
    number: 3,
    createdMs: 5,
  });
  store.markAttemptStarted('r.3', {}, 1000);
  expect(store.attemptsOf(id)[2]?.activeMs).toBe(0);
  store.markAttemptEnded('r.3', { reason: 'finished', message: null, timeMs: 8000 });
  expect(store.attemptsOf(id)[2]?.activeMs).toBe(7000);
});

it('takes what a job was back in the queue for no training', () => {
  const store = lostForAWeekend();
  store.insertAttempt({
    runId: id,
    secret: null,
    launcher: 'slurm',
    resumeFrom: null,
    name: 'r.3',
    number: 3,
    createdMs: 0,
  });
  store.markAttemptStarted('r.3', {}, 0);
  store.markAttemptSeen('r.3', { fromMs: 10 * second, toMs: 70 * second });
  store.markAttemptSeen('r.3', { fromMs: 90_070 * second, toMs: 90_100 * second, requeued: true });
  expect(store.attemptsOf(id)[2]).toMatchObject({ activeMs: 90 * second, queuedMs: 90_010 * second });
  expect(workedMs(store.trainingSpansOf('example').filter(({ toMs }) => toMs < 100_000 * second))).toBeLessThan(
    200 * second,
  );
});

it('believes no clock that reaches back before the attempt', () => {
  const store = lostForAWeekend();
  store.markAttemptSeen('r.2', { fromMs: -9e15, toMs: -9e15 });
  expect(store.attemptsOf(id)[1]?.activeMs).toBe(30 * second);
});

import { describe, expect, it } from 'vitest';
import { addFact, noFacts } from '../../../machines/attempt/index.ts';
import { configuredMetrics } from '../../../src/config/decision-metrics.ts';
import { inFractions } from '../../../src/domain/metric/definition.ts';
import { isCounted, type JudgeOptions, judgeAttempt } from '../../../src/engine/attempt/judge-attempt.ts';
import { type MetricScale, understandMetrics } from '../../../src/engine/attempt/understand-metrics.ts';
import type { TrainerEvent } from '../../../src/protocol/trainer-event.ts';

const wanted = ['dice', 'meanAccuracy'];
const good = { dice: 0.8, meanAccuracy: 0.9 };

function judge(events: TrainerEvent[], options: Partial<JudgeOptions> & { scale?: MetricScale } = {}) {
  const { scale = null } = options;
  const definitions = configuredMetrics({ metrics: wanted });
  return judgeAttempt({
    facts: events.reduce(addFact, noFacts),
    exit: { state: 'exited', code: 0 },
    stopped: null,
    parts: { split: 'auto', settled: null, known: false, confirms: true },
    understand: (reported, trivial) =>
      understandMetrics({ reported, trivial, wanted, definitions, scale, settledBy: null }),
    inFractions: (metrics) => inFractions(metrics, { definitions, scale: scale ?? 'fraction' }),
    log: 'the.log',
    ...options,
  });
}

const evaluation = (metrics: Record<string, number>, split?: string): TrainerEvent => ({
  type: 'evaluation',
  metrics,
  ...(split ? { split } : {}),
});
const finished: TrainerEvent = { type: 'finished' };

describe("other people's programs", () => {
  it('finish when they say so, whatever the order of their events', () => {
    expect(judge([evaluation(good), finished])).toEqual({
      state: 'finished',
      split: 'test',
      metrics: good,
      warnings: [],
    });
    expect(judge([finished, evaluation(good)])).toEqual({
      state: 'finished',
      split: 'test',
      metrics: good,
      warnings: [],
    });
  });

  it('are judged by the test set when they evaluate several', () => {
    expect(judge([evaluation(good, 'test'), evaluation({ ...good, dice: 0.99 }, 'train'), finished])).toMatchObject({
      metrics: good,
    });
  });

  it('count even when they crash after they have finished, with a word about it', () => {
    const end = judge([evaluation(good), finished], { exit: { state: 'signalled', signal: 'SIGSEGV' } });
    expect(end).toMatchObject({ state: 'finished', warnings: [expect.stringContaining('SIGSEGV')] });
  });

  it('may stop by themselves before the end, which counts as it is unless they fail', () => {
    const early: TrainerEvent = { type: 'finished', stoppedAfter: 5 };
    expect(judge([evaluation(good), early])).toMatchObject({
      state: 'finished',
      metrics: good,
      warnings: [expect.stringContaining('stopped by itself after epoch 5, before the end of its schedule')],
    });
    expect(judge([evaluation(good), early], { exit: { state: 'exited', code: 1 } })).toMatchObject({
      state: 'failed',
      exit: 'crashed',
    });
  });

  it('do not count with exit code 0 alone', () => {
    expect(judge([evaluation(good)])).toMatchObject({
      state: 'failed',
      exit: 'unfinished',
      reason: expect.stringContaining('"finished"'),
    });
  });

  it('are told how to report when they never do', () => {
    expect(judge([])).toMatchObject({
      exit: 'neverReported',
      again: false,
      reason: expect.stringContaining('AUTOPILOT_RUN'),
    });
  });

  it('are tried once when they never report in time; the embedded trainer, which would, counts as lost and is tried again', () => {
    const stopped = { type: 'neverReported', minutes: 10 } as const;
    expect(judge([], { stopped })).toMatchObject({ exit: 'neverReported', again: false });
    expect(judge([], { stopped, embedded: true })).toMatchObject({ exit: 'workersLost', again: true });
  });

  it('fail without a final evaluation, whatever their last epoch says', () => {
    expect(judge([{ type: 'epoch', epoch: 2, metrics: good }, finished])).toMatchObject({
      exit: 'noEvaluation',
      again: false,
    });
  });

  it('fail when two lines on the same thing differ, and may repeat themselves after they started again', () => {
    const epoch = (dice: number): TrainerEvent => ({ type: 'epoch', epoch: 1, metrics: { dice } });
    const started: TrainerEvent = { type: 'started' };
    expect(judge([started, started, epoch(0.5), epoch(0.6), evaluation(good), finished])).toMatchObject({
      exit: 'contradicted',
      again: false,
      reason: expect.stringMatching(/epoch 1 was reported twice, with dice 0\.5 and 0\.6.*rank 0/),
    });
    expect(judge([evaluation(good), finished, started, evaluation({ ...good, dice: 0.9 })])).toMatchObject({
      exit: 'contradicted',
    });
    expect(judge([epoch(0.5), epoch(0.5), started, epoch(0.6), evaluation(good), finished])).toMatchObject({
      state: 'finished',
    });
  });

  it('may report percent, which is said and divided by 100', () => {
    const end = judge([evaluation({ dice: 80, meanAccuracy: 90 }), finished]);
    expect(end).toMatchObject({ state: 'finished', metrics: good, warnings: [expect.stringContaining('metricScale')] });
    expect(judge([evaluation({ dice: 0.8, meanAccuracy: 0.9 }), finished], { scale: 'percent' })).toMatchObject({
      metrics: { dice: 0.008 },
    });
  });

  it('are refused metrics that are neither fraction nor percent', () => {
    expect(judge([evaluation({ dice: 137, meanAccuracy: 90 }), finished])).toMatchObject({
      exit: 'wrongMetrics',
      reason: expect.stringContaining('137'),
    });
    expect(judge([evaluation({ dice: 80, meanAccuracy: 0.9 }), finished], { scale: 'fraction' })).toMatchObject({
      exit: 'wrongMetrics',
    });
  });

  it('may write a name differently, but not use another name', () => {
    expect(judge([evaluation({ Dice: 0.8, mean_accuracy: 0.9 }), finished])).toMatchObject({
      metrics: good,
      warnings: [expect.stringContaining('"Dice"'), expect.anything()],
    });
    expect(judge([evaluation({ f1: 0.8 }), finished])).toMatchObject({
      exit: 'wrongMetrics',
      reason: expect.stringContaining('"f1"'),
    });
  });

  it('diverge when they say so, when they are stopped for it, and when the result is NaN', () => {
    expect(judge([{ type: 'diverged', reason: 'loss NaN' }])).toEqual({
      state: 'diverged',
      reason: 'loss NaN',
      metrics: null,
    });
    expect(judge([], { stopped: { type: 'diverged', reason: 'loss 99' } })).toMatchObject({
      state: 'diverged',
      reason: 'loss 99',
    });
    expect(judge([evaluation({ ...good, dice: Number.NaN }), finished])).toMatchObject({ state: 'diverged' });
  });

  it('whose rank gave up for a cause it knew have failed by that, whatever it did to the others', () => {
    const exit = { state: 'workersLost', message: 'rank 1 was ended by SIGKILL' } as const;
    const known: TrainerEvent = { type: 'failed', reason: 'On c2: loss.mjs is missing', code: 'deploy.differs' };
    const after: TrainerEvent = { type: 'failed', reason: 'allreduce: the other rank is gone' };
    const reason = 'the trainer failed: On c2: loss.mjs is missing';
    expect(judge([known, after], { exit })).toMatchObject({ exit: 'crashed', reason });
    expect(judge([after, known], { exit })).toMatchObject({ exit: 'crashed', reason });
    expect(judge([after], { exit })).toMatchObject({ exit: 'workersLost' });
  });

  it.each([
    [{ state: 'outOfMemory', message: 'heap' }, 'outOfMemory', true],
    [{ state: 'workersLost', message: 'rank 3' }, 'workersLost', true],
    [{ state: 'timeLimit', message: '1 h' }, 'timeLimit', true],
    [{ state: 'preempted', message: 'node 7' }, 'preempted', false],
    [{ state: 'gone' }, 'gone', false],
    [{ state: 'exited', code: 1 }, 'crashed', true],
  ] as const)('ended with %o fail as %s', (exit, reason, counts) => {
    expect(judge([{ type: 'epoch', epoch: 1 }], { exit })).toMatchObject({
      state: 'failed',
      exit: reason,
      again: true,
    });
    expect(isCounted(reason)).toBe(counts);
  });

  it('that said what went wrong, and whose end nobody saw, have failed by that', () => {
    const end = judge([{ type: 'failed', reason: 'no such file' }], { exit: { state: 'gone' } });
    expect(end).toMatchObject({ exit: 'crashed', reason: 'the trainer failed: no such file' });
  });

  it('stopped by the user are neither failed nor finished, unless they had just finished', () => {
    const stopped = { type: 'cancelled', reason: 'interrupted' } as const;
    expect(judge([{ type: 'epoch', epoch: 1 }], { stopped })).toEqual({ state: 'stopped', reason: 'interrupted' });
    expect(judge([evaluation(good), finished], { stopped })).toMatchObject({ state: 'finished' });
  });
});

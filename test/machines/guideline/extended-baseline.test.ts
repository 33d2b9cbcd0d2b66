import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  advance,
  decisions,
  describeNext,
  type GuidelineInput,
  type GuidelineState,
  iterations,
  outcome,
  pendingRuns,
  resolveGuideline,
  start,
  stateName,
} from '../../../machines/guideline/index.ts';
import type { RunRequest } from '../../../src/domain/study.ts';
import { eventOf, inputOf, setting } from './drive.ts';

const named = { ...setting, epochs: 40 };
const rule = { rule: 'nonInferiority' as const, metrics: ['dice'], margin: 0.01, alpha: 0.05, maxRuns: 6 };

function input(overrides: Partial<GuidelineInput> = {}): GuidelineInput {
  const baseline = { runs: 5, setting: named, extend: 'check' as const };
  return inputOf({ guideline: resolveGuideline('anytime'), rule, baseline, setting: named, ...overrides });
}

/** Dice of a run, or null where it diverges. */
type Dice = (request: RunRequest) => number | null;

/** 18 workers need 60 epochs; one worker has 0.800 ± 0.002 with 40, and with more what `extended` says. */
const dice =
  (extended: Dice): Dice =>
  (request) => {
    const { kind, iteration, repeat, setting: its } = request;
    if (kind === 'baseline') return iteration === null ? 0.798 + 0.001 * (repeat - 1) : extended(request);
    return ((its.epochs ?? 40) > 40 ? 0.801 : 0.77) + 0.001 * ((repeat % 3) - 1);
  };

const alike: Dice = ({ repeat }) => 0.7985 + 0.001 * (repeat - 1);
const better: Dice = ({ repeat }) => 0.818 + 0.001 * (repeat - 1);

interface Played {
  order?: (requests: RunRequest[]) => RunRequest[];
  until?: (state: GuidelineState) => boolean;
}

function play(value: Dice, overrides: Partial<GuidelineInput> = {}, { order = (all) => all, until }: Played = {}) {
  let state = start(input(overrides));
  for (let step = 0; outcome(state) === null && !until?.(state); step++) {
    if (step > 400) throw new Error('the study does not end');
    for (const request of order(pendingRuns(state))) {
      const found = value(request);
      const answer =
        found === null ? { kind: 'diverged' as const } : { kind: 'finished' as const, dice: found, iou: found };
      state = advance(state, eventOf(request.key, answer));
    }
  }
  return state;
}

const isExtending = (state: GuidelineState) => stateName(state) === 'extendingBaseline';
const verdictsOf = (state: GuidelineState) => decisions(state).map(({ verdict }) => verdict);

describe('a confirmed setting that trains longer than the baseline', () => {
  test('without the question, the answer says that the baseline was not trained that long, and how to ask', () => {
    const state = play(dice(alike), { baseline: { runs: 5, setting: named } });
    expect(outcome(state)).toMatchObject({ outcome: 'noLoss' });
    expect(outcome(state)?.reason).toContain(
      'the baseline was not trained that long, so whether one worker gains from 60 epochs too is not known (baseline.extend: check trains it that long)',
    );
    expect(iterations(state).map(({ action }) => action)).not.toContain('extendBaseline');
  });

  test('with it, one worker trains that long, as many runs as the baseline has', () => {
    const state = play(dice(alike), {}, { until: isExtending });
    expect(pendingRuns(state).map(({ key, kind, workers }) => [key, kind, workers])).toEqual(
      [1, 2, 3, 4, 5].map((n) => [`extended-baseline-${n}`, 'baseline', 1]),
    );
    expect(pendingRuns(state)[0]?.setting).toEqual({ ...named, epochs: 60, decayEpochs: 23 });
    expect(describeNext(state)).toContain('training one worker 60 epochs too, 5 of 5 runs to come');
    expect(decisions(state).at(-1)).toMatchObject({ verdict: 'confirmed', next: { action: 'extendBaseline' } });
  });

  test('no loss against that too is said with its mean, its interval and the bound', () => {
    const state = play(dice(alike));
    expect(outcome(state)?.outcome).toBe('noLoss');
    expect(verdictsOf(state)).toContain('confirmed');
    expect(verdictsOf(state).at(-1)).toBe('confirmedExtended');
    expect(outcome(state)?.reason).toMatch(
      /trained 60 epochs too, one worker has dice 0\.80\d from 5 runs, 95 % interval 0\.79\d to 0\.80\d: 18 workers are without loss against that too; dice [+−]0\.\d{3} against its 60 epochs, above −0\.00\d with 97\.5 %/,
    );
    expect(outcome(state)?.reason.match(/from 5 runs, 95 % interval/g)).toHaveLength(1);
    expect(outcome(state)?.reason).toMatch(
      /^trained 60 epochs, one worker has dice \+0\.00\d against 40 epochs; against that/,
    );
  });

  test('where one worker gains, the answer stands beside the doubt and is not replaced', () => {
    const state = play(dice(better));
    expect(outcome(state)?.outcome).toBe('noLoss');
    expect(verdictsOf(state).at(-1)).toBe('notConfirmedExtended');
    expect(outcome(state)?.reason).toContain('that 18 workers are without loss against that too has not been shown');
    expect(outcome(state)?.reason).toMatch(/the study ends: iteration \d+ is confirmed: no accuracy loss/);
  });

  test('what the runs so far do not settle takes further validating runs, up to the most of the rule', () => {
    const state = play(dice(({ repeat }) => 0.802 + 0.002 * (repeat - 3)));
    const validation = iterations(state).findLast(({ action }) => action === 'validate');
    expect(verdictsOf(state)).toContain('undecided');
    const { observed: first } = decisions(state).find(({ verdict }) => verdict === 'confirmed')!;
    expect(validation!.results.length).toBeGreaterThan(Number(first.runs));
    expect(validation!.results.length).toBeLessThanOrEqual(rule.maxRuns);
    // What was confirmed is told as it was then.
    const difference = Number(first.difference);
    expect(outcome(state)?.reason).toContain(
      `dice ${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(3)} against`,
    );
  });

  test('a longer run that breaks down leaves the question open, and says so', () => {
    const state = play(dice(({ repeat }) => (repeat === 2 ? null : 0.8)));
    expect(outcome(state)).toMatchObject({ outcome: 'noLoss' });
    expect(outcome(state)?.reason).toContain('one worker broke down, so there is nothing to compare with');
  });

  test('a budget that is spent meanwhile ends with the answer, and says that the question is open', () => {
    const state = play(dice(alike), {}, { until: isExtending });
    const [first] = pendingRuns(state);
    const one = advance(state, eventOf(first!.key, { kind: 'finished', dice: 0.8, iou: 0.8 }));
    const spent = advance(one, { type: 'budget.spent', reason: 'the budget of 1 hour is spent' });
    expect(outcome(spent)?.outcome).toBe('noLoss');
    expect(outcome(spent)?.reason).toContain(
      'whether one worker gains from 60 epochs too is not settled (1 of 5 runs of it are in)',
    );
  });

  test('a setting that trains no longer than the baseline raises no question', () => {
    const state = play((request) =>
      request.kind === 'baseline' ? dice(alike)(request) : 0.8 + 0.001 * (request.repeat % 3),
    );
    expect(outcome(state)?.outcome).toBe('noLoss');
    expect(iterations(state).map(({ action }) => action)).not.toContain('extendBaseline');
    expect(outcome(state)?.reason).not.toContain('epochs too');
  });

  test('with the goal speed it is asked of the fastest setting alone, at the end', () => {
    const state = play(dice(alike), { goal: 'speed' });
    expect(outcome(state)?.outcome).toBe('noLoss');
    expect(iterations(state).filter(({ action }) => action === 'extendBaseline')).toHaveLength(1);
    expect(iterations(state).at(-1)?.action).toBe('extendBaseline');
  });

  test('under the rule thesis, one run is held against its mean', () => {
    const start60 = { ...named, epochs: 60 };
    const state = play(({ kind, iteration }) => (kind === 'baseline' ? (iteration === null ? 0.8 : 0.799) : 0.801), {
      rule: { rule: 'thesis', metrics: ['dice'], tolerance: 0.002 },
      guideline: resolveGuideline('thesis'),
      workers: 8,
      setting: start60,
      baseline: { runs: 1, setting: named, extend: 'check' },
    });
    expect(verdictsOf(state)).toEqual(['baseline', 'reached', 'confirmed', 'confirmedExtended']);
  });
});

test('the order in which the longer runs come back changes nothing', () => {
  const inOrder = play(dice(better));
  fc.assert(
    fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (stream) => {
      const shuffled = play(
        dice(better),
        {},
        {
          order: (requests) =>
            requests
              .map((request) => ({ request, at: stream.next().value }))
              .sort((a, b) => a.at - b.at)
              .map(({ request }) => request),
        },
      );
      expect(outcome(shuffled)).toEqual(outcome(inOrder));
      expect(decisions(shuffled)).toEqual(decisions(inOrder));
    }),
    { numRuns: 20 },
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  advance,
  decisions,
  describeNext,
  type GuidelineState,
  iterations,
  outcome,
  pendingRuns,
  start,
} from '../../../machines/guideline/index.ts';
import type { Goal } from '../../../src/domain/guideline.ts';
import { canonicalJson } from '../../../src/domain/hash.ts';
import type { Setting } from '../../../src/domain/setting.ts';
import { away, type Dice, input, luck, rule, study } from './anytime-study.ts';
import { eventOf } from './drive.ts';

const trained = (state: GuidelineState) => iterations(state).filter(({ results }) => results.length > 0);

describe('first an answer', () => {
  test('a longer training answers where k workers are short of steps, and says what it keeps of the speed', () => {
    const state = study(
      ({ epochs = 40, initialLr }, key) => (epochs > 40 ? 0.801 : 0.77) - away(initialLr) + luck(key),
    );
    expect(outcome(state)?.outcome).toBe('noLoss');
    expect(outcome(state)?.reason).toMatch(
      /iteration \d is confirmed: no accuracy loss with optimizer sgd, initial rate 0\.25, .*epochs 60; it keeps 12 of 18 times the speed; dice [+−]0\.\d{3} against one worker, above −0\.0\d\d with 97\.5 %/,
    );
  });

  test('the rate goes down, and up from where it started where down did not help', () => {
    const low = study(({ initialLr }) => 0.75 - 0.02 * Math.abs(Math.log2(initialLr / 1)), { workers: 12 });
    const rates = iterations(low)
      .filter(({ action }) => action === 'tuneInitialLr')
      .map((row) => row.setting.initialLr);
    expect(rates.slice(0, 3)).toEqual([0.25, 1, 2]);
    expect(decisions(low).some(({ reason }) => reason.includes('so the other way'))).toBe(true);
  });

  test.each([
    ['only seems to help', 0.7805, [0.25, 0.125, 1]],
    ['is shown to help', 0.795, [0.25, 0.125]],
  ])('where a lower rate %s, the higher ones are tried accordingly', (_, half, rates) => {
    const dice = new Map([
      [0.5, 0.78],
      [0.25, half],
    ]);
    const state = study(({ initialLr }) => dice.get(initialLr) ?? 0.7, { workers: 8 });
    const [, ...tuned] = iterations(state).filter(({ action }) => action !== 'validate');
    const first = tuned.slice(
      0,
      tuned.findIndex(({ action }) => action !== 'tuneInitialLr'),
    );
    expect(first.map(({ setting: { initialLr } }) => initialLr)).toEqual(rates);
  });

  test('a new optimizer starts from a rate scaled as it needs, at full speed, and finds its own', () => {
    const state = study(({ optimizer, initialLr }) =>
      optimizer === 'adam' ? 0.79 - 0.01 * Math.abs(Math.log2(initialLr / 0.002)) : 0.75,
    );
    const adam = iterations(state).filter((row) => row.setting.optimizer === 'adam' && row.action !== 'validate');
    expect(adam.slice(0, 4).map((row) => row.setting.initialLr)).toEqual([0.00024, 0.00072, 0.00216, 0.00648]);
    expect(adam.slice(0, 4).every((row) => row.setting.epochs === 40)).toBe(true);
  });

  describe('trains longer with the new optimizer', () => {
    /** SGD loses 0.018 and Adam `adamLoses`; only Adam regains it with more epochs. */
    const bySteps =
      (adamLoses: number): Dice =>
      ({ optimizer, initialLr, epochs = 40 }, key) =>
        (optimizer === 'adam'
          ? (epochs > 40 ? 0.801 : 0.8 - adamLoses) - 0.01 * Math.abs(Math.log2(initialLr / 0.002))
          : 0.782 - away(initialLr)) + luck(key);
    const longAdam = (state: GuidelineState) =>
      iterations(state).find(
        ({ action, setting: { optimizer } }) => action === 'extendTraining' && optimizer === 'adam',
      );

    test('although another setting looks as good without, and so finds what only both together give', () => {
      const state = study(bySteps(0.016), { workers: 18 });
      expect(longAdam(state)?.setting.epochs).toBe(60);
      expect(outcome(state)).toMatchObject({ outcome: 'noLoss' });
      expect(outcome(state)?.reason).toMatch(/optimizer adam, .*epochs 60/);
    });

    test('but not where its best setting is clearly worse, and says so', () => {
      const state = study(bySteps(0.2), { workers: 18 });
      expect(longAdam(state)).toBeUndefined();
      expect(
        decisions(state)
          .map(({ reason }) => reason)
          .join('\n'),
      ).toMatch(
        /skipped train longer: with adam, dice 0\.\d+ against iteration \d+'s 0\.\d+: worse, with a probability of \d+ %/,
      );
    });
  });

  test('an honest no where nothing reaches the baseline', () => {
    expect(outcome(study((_, key) => 0.76 + luck(key)))?.outcome).toBe('exhausted');
  });
});

test('trains no validating run beside a given baseline that could confirm nothing, and says what it is for', () => {
  const given = { type: 'baseline.given' as const, runs: [0.82, 0.78].map((dice) => ({ dice, iou: dice })) };
  const state = study((_, key) => 0.85 + luck(key), {}, { given });
  expect(iterations(state).filter(({ action }) => action === 'validate')).toEqual([]);
  const [first] = decisions(state).filter(({ iteration }) => iteration !== null);
  expect(first!.reason).toContain(
    "0 % chance to confirm it, because the baseline's 2 runs leave too much open, and there will be no more",
  );
  expect(outcome(state)?.outcome).toBe('exhausted');
});

describe('then a better one', () => {
  const needs50: Dice = ({ epochs = 40, initialLr }, key) =>
    (epochs >= 48 ? 0.802 : 0.77) - away(initialLr) + luck(key) / 2;

  test('with goal speed it shaves epochs off the confirmed setting, and ends with the fastest that is confirmed', () => {
    const state = study(needs50, { goal: 'speed' });
    expect(outcome(state)).toMatchObject({ outcome: 'noLoss' });
    expect(outcome(state)?.reason).toContain('epochs 48; it keeps 15 of 18 times the speed');
  });

  test('with goal answer it ends with the first', () => {
    expect(outcome(study(needs50, { goal: 'answer' }))?.reason).toContain('12 of 18 times the speed');
  });

  test('a budget that is spent on the way ends with the answer there is', () => {
    expect(outcome(study(needs50, { goal: 'speed', budget: { iterations: 6 } }))).toMatchObject({ outcome: 'noLoss' });
  });
});

describe('a setting that a validation did not confirm', () => {
  /** As good as the baseline at first, then below it by the loss, and three times as wide: six validating runs are too few. */
  const below =
    (loss: number): Dice =>
    ({ initialLr }, key) =>
      key.startsWith('iteration')
        ? 0.8 - away(initialLr)
        : 0.8 - loss - away(initialLr) + (Number(key.split('-')[2]) % 2 === 1 ? 0.005 : -0.005);
  const close = below(0.003);

  test('is validated again with the runs it has and more of one worker, where that promises to settle it', () => {
    const state = study(close, { workers: 8 });
    const validations = iterations(state).filter(({ action }) => action === 'validate');
    const second = validations.find(({ parent }, i) => parent === validations[i - 1]?.parent);
    const first = validations[validations.indexOf(second!) - 1];
    expect(second).toMatchObject({ parent: first!.parent, setting: first!.setting });
    const again = decisions(state).find(({ reason }) => reason.includes('again, on all of its validating runs'));
    expect(again?.reason).toMatch(
      /up to 6 more runs of it and \d+ more of one worker: \d+ % chance to confirm it; next: validate iteration \d+ again/,
    );
    const judged = decisions(state).find(({ iteration }) => iteration === second!.number);
    expect(judged?.observed).toMatchObject({
      runs: first!.results.length + 2,
      candidate: validations.indexOf(second!) + 1,
    });
  });

  test('spends of the error rate as a further candidate would: half of what the earlier ones have left', () => {
    const last = new Map(
      decisions(study(close, { workers: 8 })).map(({ iteration, observed }) => [iteration, observed]),
    );
    const judged = [...last.values()].filter(({ candidateAlpha }) => candidateAlpha !== undefined);
    expect(judged.length).toBeGreaterThan(1);
    let left = rule.alpha;
    for (const { candidateAlpha, alphaSpent } of judged) {
      expect(Number(candidateAlpha)).toBeLessThanOrEqual(left / 2 + 1e-12);
      expect(Number(candidateAlpha)).toBeGreaterThan(0.45 * left);
      expect(Number(alphaSpent)).toBeLessThanOrEqual(Number(candidateAlpha));
      left -= Number(alphaSpent);
    }
    expect(left).toBeGreaterThan(0);
  });

  test('ends with what could not be told, and how many runs would tell it', () => {
    const state = study(below(0.008), { workers: 8 });
    expect(outcome(state)?.outcome).not.toBe('noLoss');
    expect(outcome(state)?.reason).toMatch(
      /whether iteration \d+ is without loss cannot be told: dice 0\.79\d from \d+ runs against 0\.800 is within the margin 0\.010, but showing it would take about \d+ validating runs and \d+ of one worker/,
    );
  });

  test('is not called open where the part that confirms shows a loss', () => {
    const looksEqual: Dice = (_, key) => 0.8 + luck(key);
    const lost = study(looksEqual, { workers: 8 }, { onTest: (_, key) => 0.78 + luck(key) });
    expect(outcome(lost)?.outcome).not.toBe('noLoss');
    expect(outcome(lost)?.reason).not.toContain('cannot be told');
    const close = study(looksEqual, { workers: 8 }, { onTest: (_, key) => 0.7915 + luck(key) });
    expect(outcome(close)?.reason).toMatch(
      /dice 0\.79\d from \d+ runs against 0\.800 on the test part is within the margin/,
    );
  });
});

describe('validating runs side by side', () => {
  const equal = (_: Setting, key: string) => 0.8 + luck(key);
  const atOnce = (state: GuidelineState) => pendingRuns(state).filter(({ kind }) => kind === 'validation').length;

  test('are asked for two at a time, and judged when both are in', () => {
    let state = start(input({ workers: 8 }));
    const judged: number[] = [];
    while (outcome(state) === null) {
      const [request] = pendingRuns(state);
      const dice =
        request!.kind === 'baseline' ? 0.798 + 0.001 * (request!.repeat - 1) : equal(request!.setting, request!.key);
      const before = decisions(state).length;
      const waiting = atOnce(state);
      state = advance(state, eventOf(request!.key, { kind: 'finished', dice, iou: dice }));
      if (waiting === 2) expect(decisions(state)).toHaveLength(before);
      const last = decisions(state).at(-1);
      if (waiting === 1 && (last?.verdict === 'undecided' || last?.verdict === 'confirmed')) {
        judged.push(Number(last.observed['runs']));
      }
    }
    expect(judged.length).toBeGreaterThan(0);
    expect(judged).toEqual(judged.map((_, index) => 2 * (index + 1)));
  });

  test('name both', () => {
    let state = start(input({ workers: 8 }));
    while (atOnce(state) === 0) {
      const { key, repeat, kind, setting: its } = pendingRuns(state)[0]!;
      const dice = kind === 'baseline' ? 0.798 + 0.001 * (repeat - 1) : equal(its, key);
      state = advance(state, eventOf(key, { kind: 'finished', dice, iou: dice }));
    }
    expect(describeNext(state)).toContain('with new seeds (runs 1 and 2 of at most 6)');
    state = advance(state, eventOf(pendingRuns(state)[1]!.key, { kind: 'finished', dice: 0.8, iou: 0.8 }));
    expect(describeNext(state)).toContain('with a new seed (run 1 of at most 6)');
  });
});

describe('three verdicts', () => {
  test('says that it cannot tell, and how many runs would settle it', () => {
    const state = study(({ initialLr, epochs = 40 }) => (epochs > 60 ? 0.7 : initialLr < 0.5 ? 0.7815 : 0.78), {
      workers: 12,
    });
    const unclear = decisions(state).find(({ verdict }) => verdict === 'cannotTell');
    expect(unclear?.reason).toMatch(
      /dice 0\.78\d+ against iteration \d+'s 0\.78\d+: cannot tell with one run each; \d+ more of both settle it with 80 %, more than is worthwhile/,
    );
  });
});

const anyStudy = fc.record({
  base: fc.integer({ min: 740, max: 805 }),
  perEpoch: fc.integer({ min: 0, max: 40 }),
  perRate: fc.integer({ min: -10, max: 10 }),
  adam: fc.integer({ min: -30, max: 30 }),
  noise: fc.integer({ min: 0, max: 5 }),
  diverges: fc.boolean(),
  workers: fc.integer({ min: 2, max: 24 }),
  iterations: fc.integer({ min: 1, max: 25 }),
  goal: fc.constantFrom<Goal>('answer', 'speed'),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

type Shape = typeof anyStudy extends fc.Arbitrary<infer Value> ? Value : never;

function diceOf({ base, perEpoch, perRate, adam, noise, diverges, seed }: Shape): Dice {
  return ({ initialLr, optimizer, epochs = 40 }, key) => {
    if (diverges && initialLr > 0.9) return null;
    const mean =
      base + perEpoch * Math.log2(epochs / 40) + perRate * Math.log2(initialLr) + (optimizer === 'adam' ? adam : 0);
    return Math.min(0.99, Math.max(0.01, mean / 1000 + noise * luck(`${seed} ${key}`)));
  };
}

describe('whatever comes back', () => {
  test('ends within its budget, and proposes no setting twice', () => {
    fc.assert(
      fc.property(anyStudy, (shape) => {
        const { workers, goal } = shape;
        const state = study(diceOf(shape), { workers, goal, budget: { iterations: shape.iterations } });
        expect(trained(state).length).toBeLessThanOrEqual(shape.iterations);
        const proposed = trained(state)
          .filter(({ action }) => action !== 'validate')
          .map((row) => canonicalJson(row.setting));
        expect(new Set(proposed).size).toBe(proposed.length);
      }),
      { numRuns: 40 },
    );
  });

  test('decides the same in whatever order runs side by side come back', () => {
    fc.assert(
      fc.property(anyStudy, (shape) => {
        const { workers, goal } = shape;
        const options = { workers, goal, budget: { iterations: shape.iterations } };
        const [forward, backward] = [
          study(diceOf(shape), options),
          study(diceOf(shape), options, { order: (keys) => keys.toReversed() }),
        ];
        expect(decisions(backward).map(({ reason }) => reason)).toEqual(decisions(forward).map(({ reason }) => reason));
      }),
      { numRuns: 40 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lookLevels, normalPart, spentShare } from '../../../machines/decision/error-spending.ts';
import { nonInferiorityRule, progress, thesisRule } from '../../../machines/decision/index.ts';
import { decisionRuleContract } from './contract.ts';

const thesis = thesisRule({ rule: 'thesis', metrics: ['dice'], tolerance: 0.002 });
const statistical = nonInferiorityRule({
  rule: 'nonInferiority',
  metrics: ['dice'],
  margin: 0.01,
  alpha: 0.05,
  maxRuns: 8,
});
decisionRuleContract('thesis', thesis);
decisionRuleContract('nonInferiority', statistical);

const runs = (...values: number[]) => values.map((dice) => ({ dice }));
const standing = { baseline: runs(0.85, 0.855, 0.845, 0.852, 0.848), candidate: 1 };

test.each([
  [0.8112, 'reached'],
  [0.8111, 'missed'],
])('thesis: dice %d against 0.8132 with tolerance 0.002 is %s', (dice, verdict) => {
  expect(thesis.screen({ dice }, { baseline: runs(0.8132), candidate: 1 }).verdict).toBe(verdict);
});

test.each([
  [0.8132, 'confirmed'],
  [0.8131, 'notConfirmed'],
])('thesis: a validation of %d against 0.8132 is %s, without tolerance', (dice, verdict) => {
  expect(thesis.validate(runs(dice), { baseline: runs(0.8132), candidate: 1 }).verdict).toBe(verdict);
});

test('nonInferiority: two near-equal runs settle nothing that a wide bound does not', () => {
  expect(statistical.validate(runs(0.85), standing).verdict).toBe('undecided');
  expect(statistical.validate(runs(0.85, 0.848, 0.853, 0.85, 0.851, 0.849), standing)).toMatchObject({
    verdict: 'confirmed',
    rule: 'nonInferiority.accept',
  });
});

test('nonInferiority: stops when it cannot get there', () => {
  expect(statistical.validate(runs(0.82, 0.822, 0.819), standing)).toMatchObject({
    verdict: 'notConfirmed',
    rule: 'nonInferiority.futile',
  });
});

test('nonInferiority: stops at once where the runs of one worker leave too much open for any number of others', () => {
  // t₀.₉₈₅ with one degree of freedom is 21.2: two runs that differ by 0.06 know their mean to ± 0.64.
  const few = { baseline: runs(0.818, 0.878), candidate: 1 };
  const better = statistical.validate(runs(0.9, 0.92), few);
  expect(better).toMatchObject({ verdict: 'notConfirmed', rule: 'nonInferiority.futile' });
  expect(better.saw).toContain(
    "no number of validating runs can show it, because the baseline's 2 runs leave too much open",
  );
  const worse = statistical.validate(runs(0.8, 0.802), few);
  expect(worse.saw).toContain('cannot be shown within 8 runs');
  // As many runs of one worker as this rule wants, scattered alike, know enough of so much better ones.
  const more = { baseline: runs(0.818, 0.878, 0.82, 0.876, 0.848, 0.83, 0.866), candidate: 1 };
  expect(statistical.validate(runs(0.9, 0.92), more).verdict).toBe('undecided');
});

test('nonInferiority: a loss of exactly the margin is not accepted, however steady', () => {
  const steady = { baseline: runs(0.85, 0.85), candidate: 1 };
  const lossy = Array.from({ length: 8 }, () => ({ dice: 0.84 }));
  expect(statistical.validate(lossy, steady).verdict).toBe('notConfirmed');
});

test('the less of the error rate is left, the more a candidate has to show', () => {
  const values = runs(0.847, 0.8455, 0.85, 0.8465, 0.8475, 0.846, 0.849, 0.8445);
  const bound = (unspent: number) =>
    Number(statistical.validate(values, { ...standing, unspent }).observed['lowerBound']);
  expect(bound(0.5)).toBeLessThan(bound(1));
  expect(bound(0.25)).toBeLessThan(bound(0.5));
});

test('where nobody says what earlier candidates spent, each is taken to have spent all of its half', () => {
  const values = runs(0.847, 0.8455, 0.85, 0.8465, 0.8475, 0.846, 0.849, 0.8445);
  const bound = (stands: object) => statistical.validate(values, { ...standing, ...stands }).observed['lowerBound'];
  expect(bound({ candidate: 3 })).toBe(bound({ candidate: 3, unspent: 0.25 }));
  expect(bound({ candidate: 3 })).not.toBe(bound({ candidate: 1 }));
});

test('a candidate that is given up early leaves most of the error rate to the next', () => {
  const lost = runs(0.82, 0.822);
  const { observed } = statistical.validate(lost, standing);
  // Information of 2 and of 8 runs against 5 of the baseline: (1.43 / 3.08)² of the half that a candidate may spend.
  expect(observed['alphaSpent']).toBeCloseTo(0.025 * (10 / 7 / (40 / 13)) ** 2, 6);
  expect(statistical.validate(runs(0.82), standing).observed['alphaSpent']).toBe(0);
});

test('candidates spend no more than the error rate of the study together, however many and however long', () => {
  const looks = { alpha: 0.05, baselineRuns: 5, maxRuns: 8 };
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 2, max: 8 }), { maxLength: 30 }), (lengths) => {
      const left = lengths.reduce((unspent, n) => unspent - spentShare({ ...looks, unspent }, n), 1);
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(1);
    }),
  );
});

test('the looks of one candidate spend a part of its share, the rest is for tails, and rise', () => {
  const levels = lookLevels({ alpha: 0.05, baselineRuns: 5, maxRuns: 8 });
  expect(levels).toHaveLength(7);
  expect(levels[0]).toBeCloseTo(normalPart * 0.025 * (1 / (1 / 2 + 1 / 5) / (1 / (1 / 8 + 1 / 5))) ** 2, 6);
  expect(Math.max(...levels)).toBeLessThan(normalPart * 0.025);
  expect(levels.reduce((sum, level) => sum + level, 0)).toBeGreaterThan(normalPart * 0.025);
});

test('without a definition, a metric known by its name has that direction: a higher loss is a loss', () => {
  const rule = nonInferiorityRule({ rule: 'nonInferiority', metrics: ['loss'], margin: 0.01, alpha: 0.05, maxRuns: 4 });
  const losses = (...values: number[]) => values.map((loss) => ({ loss }));
  const standing = { baseline: losses(0.198, 0.199, 0.2, 0.201, 0.202), candidate: 1 };
  expect(rule.validate(losses(0.219, 0.22, 0.221, 0.2205), standing).verdict).toBe('notConfirmed');
  expect(rule.validate(losses(0.179, 0.18, 0.181, 0.1805), standing).verdict).toBe('confirmed');
});

test('a limit of one validating run is refused: with none to compare it with, it would show nothing', () => {
  expect(() =>
    nonInferiorityRule({ rule: 'nonInferiority', metrics: ['dice'], margin: 0.01, alpha: 0.05, maxRuns: 1 }),
  ).toThrow('decision.maxRuns is 1; a spread needs at least 2 validating runs.');
});

test('a limit above twelve runs takes nothing from the first twelve looks, and the later ones spend little more', () => {
  const upTo = (maxRuns: number) => lookLevels({ alpha: 0.05, baselineRuns: 8, maxRuns });
  expect(upTo(20).slice(0, 11)).toEqual(upTo(12));
  expect(upTo(20)).toHaveLength(19);
  const later = upTo(20).slice(11);
  expect(Math.min(...later)).toBeGreaterThan(0);
  expect(Math.max(...later)).toBeLessThan(upTo(12).at(-1)!);
  const spent = (n: number) => spentShare({ alpha: 0.05, baselineRuns: 8, maxRuns: 20 }, n);
  expect([spent(11) < 0.5, spent(12), spent(20)]).toEqual([true, 0.5, 0.5]);
});

test('a further validation has looks of its own, after the runs that were judged', () => {
  const levels = lookLevels({ alpha: 0.05, unspent: 0.5, baselineRuns: 8, maxRuns: 8, earlierRuns: 8 });
  expect(levels).toHaveLength(8);
  expect(Math.max(...levels)).toBeLessThan(normalPart * 0.0125);
});

test.each([
  [{ dice: 0.8, iou: 0.7 }, { dice: 0.8, iou: 0.6 }, 'improved'],
  [{ dice: 0.8, iou: 0.6 }, { dice: 0.8, iou: 0.7 }, 'degraded'],
  [{ dice: 0.8, iou: 0.7 }, { dice: 0.8, iou: 0.7 }, 'degraded'],
  [{ dice: 0.79, iou: 0.9 }, { dice: 0.8, iou: 0.1 }, 'degraded'],
  [{ dice: 0.8 }, null, 'improved'],
  [{ dice: 0.8 }, undefined, 'improved'],
  [null, { dice: 0.1 }, 'diverged'],
  [{ dice: NaN }, { dice: 0.1 }, 'diverged'],
] as const)('%o after %o is %s', (current, previous, verdict) => {
  expect(progress({ rule: 'x', metrics: ['dice', 'iou'], current, previous: previous as never }).verdict).toBe(verdict);
});

describe('a baseline known by mean, spread and number alone', () => {
  const values = standing.baseline.map(({ dice }) => dice);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  const summary = (n: number) => ({
    baseline: [{ dice: mean }],
    baselineSummary: { mean: { dice: mean }, sd: { dice: sd }, n },
    candidate: 1,
  });
  const close = (judged: object, expected: object) => {
    const [a, b] = [judged, expected].map((each) => each as { verdict: string; observed: Record<string, number> });
    expect(a?.verdict).toBe(b?.verdict);
    for (const [name, value] of Object.entries(b?.observed ?? {}))
      expect(a?.observed[name], name).toBeCloseTo(value, 10);
  };

  test.each([thesis, statistical])('is judged by $name as the runs behind it are', (rule) => {
    for (const dice of [0.82, 0.8481, 0.86]) {
      close(rule.screen({ dice }, summary(5)), rule.screen({ dice }, standing));
    }
    for (const seen of [runs(0.85), runs(0.85, 0.84), runs(0.82, 0.822, 0.819), runs(0.85, 0.848, 0.853, 0.851)]) {
      close(rule.validate(seen, summary(5)), rule.validate(seen, standing));
    }
  });

  test('shows more, the more runs it stands for', () => {
    const seen = runs(0.85, 0.848, 0.853, 0.85);
    const bound = (n: number) => Number(statistical.validate(seen, summary(n)).observed['lowerBound']);
    expect(bound(5)).toBeGreaterThan(bound(2));
    expect(bound(50)).toBeGreaterThan(bound(5));
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nonInferiorityRule, tailLoss, winsorizedVariance } from '../../../machines/decision/index.ts';
import { widened } from '../../../machines/decision/rare-bad-runs.ts';

const steady = [0.85, 0.852, 0.848, 0.851, 0.849, 0.85];
/** The same, one run of six collapsed. */
const collapsed = [0.85, 0.852, 0.848, 0.851, 0.849, 0.7];

describe('what rare bad runs of other settings take from a setting without them', () => {
  test('is their loss over all runs', () => {
    // 0.8495 is the median of `bad`; six values of which it was taken lie wider by √(6/5).
    const bad = [...steady.slice(0, 5), 0.841];
    expect(tailLoss(steady, [bad])).toBeCloseTo((0.0085 * Math.sqrt(6 / 5)) / 12, 12);
  });

  test('is little where a setting at the edge of stability collapsed: five spreads of that run, no more', () => {
    // The median distance of all twelve is 0.00125 √(6/5), its standard deviation 1.4826 times that.
    const scale = 1.4826 * 0.00125 * Math.sqrt(6 / 5);
    expect(tailLoss(steady, [collapsed])).toBeCloseTo((5 * scale) / 12, 12);
    expect(tailLoss(steady, [[...collapsed.slice(0, 5), 0.1]])).toBe(tailLoss(steady, [collapsed]));
  });

  test('is nothing where the setting has had its share itself', () => {
    expect(tailLoss(collapsed, [steady])).toBe(0);
    expect(tailLoss(collapsed, [collapsed])).toBe(0);
  });

  test('is nothing where no setting, or no other, was repeated often enough', () => {
    expect(tailLoss(steady, [])).toBe(0);
    expect(tailLoss(steady, [[0.2]])).toBe(0);
    expect(tailLoss([0.85], [collapsed])).toBe(0);
  });

  test('counts that of a validation which a bad run ended at its second', () => {
    const scale = 1.4826 * 0.001 * Math.sqrt(6 / 5);
    // Seven of eight distances are within 0.002; the median of all eight is between 0.001 and 0.002 of them.
    expect(tailLoss(steady, [[0.85, 0.7]])).toBeGreaterThan((5 * scale) / 8);
    expect(tailLoss(steady, [[0.85, 0.7]])).toBeLessThan((5 * 2 * scale) / 8);
  });

  test('counts bad runs only: one that is much better than the others is no loss', () => {
    expect(tailLoss(steady, [[0.85, 0.852, 0.848, 0.851, 0.849, 0.99]])).toBe(0);
  });

  test('of a coarse metric whose values are mostly alike, is that of what falls far below the others', () => {
    const alike = Array.from({ length: 11 }, () => 0.97);
    expect(tailLoss(alike, [[...alike.slice(1), 0.96]])).toBeGreaterThan(0);
    expect(tailLoss(alike, [[0.97, 0.97, 0.96, 0.97, 0.98, 0.96]])).toBe(0);
    expect(tailLoss(alike, [alike])).toBe(0);
  });

  /** Of which differences, multiples and shifts are exact: what counts as rare does not hang on a last digit. */
  const values = fc.array(
    fc.integer({ min: 0, max: 1024 }).map((n) => n / 1024),
    { maxLength: 12 },
  );
  const close = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThan(1e-9);

  test('is never negative, and knows neither the order of runs and settings nor what a setting is worth', () => {
    fc.assert(
      fc.property(values, fc.array(values, { maxLength: 5 }), fc.integer({ min: -8, max: 8 }), (own, others, shift) => {
        const loss = tailLoss(own, others);
        expect(loss).toBeGreaterThanOrEqual(0);
        expect(tailLoss(own.toReversed(), others.map((each) => each.toReversed()).toReversed())).toBeCloseTo(loss, 12);
        const moved = others.map((each) => each.map((value) => 4 * value + shift));
        close(
          tailLoss(
            own.map((value) => 4 * value),
            moved,
          ) / 4,
          loss,
        );
      }),
    );
  });
});

describe('the variance that all repeated settings have in common', () => {
  test('is the mean of their variances, whatever each is worth, if no run is far off', () => {
    const [a, b] = [
      [0.8, 0.82],
      [0.5, 0.53],
    ];
    expect(winsorizedVariance(a!, [b!])).toBeCloseTo((0.02 ** 2 / 2 + 0.03 ** 2 / 2) / 2, 12);
  });

  test('counts a run far off, on either side, as one at five robust standard deviations', () => {
    const scale = 1.4826 * 0.00125 * Math.sqrt(6 / 5);
    const low = winsorizedVariance(steady, [collapsed]);
    expect(low).toBeLessThan((scale ** 2 * (11 * 1.2 ** 2 + 5 ** 2)) / 12);
    expect(low).toBeGreaterThan((scale ** 2 * 5 ** 2) / 12);
    expect(winsorizedVariance(steady, [[...collapsed.slice(0, 5), 1]])).toBeCloseTo(low, 6);
  });

  test('is not known where no setting, or no other, was repeated', () => {
    expect(winsorizedVariance(steady, [])).toBe(0);
    expect(winsorizedVariance(steady, [[0.2]])).toBe(0);
    expect(winsorizedVariance([0.85], [steady])).toBe(0);
  });
});

describe('a spread moved towards the one of all settings', () => {
  const spreads = fc.double({ min: 1e-4, max: 0.1, noNaN: true });

  test('is never narrower than its own, lies between the two, and with more runs nearer to its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), spreads, spreads, (n, own, all) => {
        const wider = (runs: number) => widened({ n: runs, mean: 0.8, variance: own ** 2 }, all ** 2).variance;
        expect(wider(n)).toBeGreaterThanOrEqual(own ** 2);
        expect(wider(n)).toBeLessThanOrEqual(Math.max(own, all) ** 2 * (1 + 1e-12));
        expect(wider(n + 1)).toBeLessThanOrEqual(wider(n) * (1 + 1e-12));
      }),
    );
  });
});

const better = { rule: 'nonInferiority' as const, margin: 0.01, alpha: 0.05, maxRuns: 8 };

describe('a verdict', () => {
  const baseline = [0.85, 0.855, 0.845, 0.852, 0.848];
  const runs = [0.851, 0.849, 0.853, 0.85, 0.852, 0.85];

  test('takes them off the bound and says so', () => {
    const rule = nonInferiorityRule({ ...better, metrics: ['dice'] });
    const judged = (loss: number) =>
      rule.validate(
        runs.map((dice) => ({ dice })),
        { baseline: baseline.map((dice) => ({ dice })), candidate: 1, tailLoss: loss },
      );
    const [plain, less, lost] = [judged(0), judged(0.001), judged(0.02)];
    expect(plain.verdict).toBe('confirmed');
    expect(plain.saw).not.toContain('rare');
    expect(Number(plain.observed['lowerBound']) - Number(less.observed['lowerBound'])).toBeCloseTo(0.001, 12);
    expect(less.observed).toMatchObject({ tailLoss: 0.001, difference: plain.observed['difference'] });
    expect(less.saw).toContain(', including 0.0010 for rare bad runs seen with other settings');
    expect(judged(0.0002).saw).toContain('including 0.0002 for rare bad runs');
    expect(lost).toMatchObject({ verdict: 'notConfirmed', rule: 'nonInferiority.futile' });
  });

  test('moves a spread towards the wider one of all settings, and says so', () => {
    const rule = nonInferiorityRule({ ...better, metrics: ['dice'] });
    const judged = (pooledVariance: number) =>
      rule.validate(
        runs.map((dice) => ({ dice })),
        { baseline: baseline.map((dice) => ({ dice })), candidate: 1, pooledVariance },
      );
    const [plain, same, wide] = [judged(0), judged(0.001 ** 2), judged(0.004 ** 2)];
    // Six runs have 5 degrees of freedom, the spread of all counts for 10.
    const counted = (1.083333333333e-5 + 10 * 0.004 ** 2) / 15;
    expect(same).toEqual(plain);
    expect(wide.verdict).toBe('undecided');
    expect(wide.observed).toMatchObject({
      countedSpread: expect.closeTo(Math.sqrt(counted), 12),
      difference: plain.observed['difference'],
    });
    expect(wide.observed['standardError']).toBeCloseTo(Math.sqrt(counted / 6 + 1.45e-5 / 5), 12);
    expect(wide.saw).toContain(
      ', with a spread of 0.003, between its own 0.001 and the 0.004 of all repeated settings, margin',
    );
  });

  test('adds them where less of the metric is better', () => {
    const definitions = {
      wallGap: {
        direction: 'lower' as const,
        unit: 'mm',
        bounds: [0, null] as [number, null],
        fraction: false,
        trivial: null,
      },
    };
    const rule = nonInferiorityRule({ ...better, metrics: ['wallGap'], definitions });
    const judged = (loss: number) =>
      rule.validate(
        runs.map((wallGap) => ({ wallGap })),
        { baseline: baseline.map((wallGap) => ({ wallGap })), candidate: 1, tailLoss: loss },
      ).observed['upperBound'];
    expect(Number(judged(0.001)) - Number(judged(0))).toBeCloseTo(0.001, 12);
  });
});

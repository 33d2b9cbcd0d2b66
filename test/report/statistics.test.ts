import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyseVariance, meanInterval } from '../../src/report/statistics/statistics.ts';

describe('the interval of a mean', () => {
  it('is the one SciPy 1.17.1 gives (scipy.stats.t.interval)', () => {
    const interval = meanInterval([0.849, 0.852, 0.846]);
    expect(interval?.low).toBeCloseTo(0.8415475868647491, 10);
    expect(interval?.high).toBeCloseTo(0.8564524131352511, 10);
  });

  it('is unknown for a single run', () => {
    expect(meanInterval([0.8])).toBeNull();
  });
});

describe('the analysis of variance', () => {
  it('gives the values of SciPy (scipy.stats.f_oneway) and, by hand, ICC = (42 − 4.5333) / (42 + 5 · 4.5333)', () => {
    const found = analyseVariance([
      [6, 8, 4, 5, 3, 4],
      [8, 12, 9, 11, 6, 8],
      [13, 9, 11, 8, 7, 12],
    ]);
    expect(found?.betweenGroups).toEqual({ sumOfSquares: 84, degreesOfFreedom: 2 });
    expect(found?.withinGroups).toEqual({ sumOfSquares: 68, degreesOfFreedom: 15 });
    expect(found?.f).toBeCloseTo(9.264705882352942, 10);
    expect(found?.p).toBeCloseTo(0.0023987773293929083, 8);
    expect(found?.icc).toBeCloseTo((42 - 68 / 15) / (42 + (5 * 68) / 15), 10);
  });

  it('handles groups of different sizes', () => {
    const found = analyseVariance([
      [0.849, 0.852, 0.846],
      [0.83, 0.831],
    ]);
    expect(found?.f).toBeCloseTo(66.59999999999987, 6);
    expect(found?.p).toBeCloseTo(0.003848295883571498, 8);
  });

  it('needs two settings and a repeat', () => {
    expect(analyseVariance([[1, 2, 3]])).toBeNull();
    expect(analyseVariance([[1], [2], [3]])).toBeNull();
    expect(analyseVariance([[], [1, 2]])).toBeNull();
  });

  it('does not depend on the unit, and p falls as the groups move apart', () => {
    const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 6 });
    fc.assert(
      fc.property(values, values, (first, second) => {
        const found = analyseVariance([first, second]);
        fc.pre(found !== null && found.withinGroups.sumOfSquares > 1e-6);
        const scaled = analyseVariance([first, second].map((group) => group.map((value) => 100 * value)));
        expect(scaled?.f).toBeCloseTo(found?.f ?? Number.NaN, 4);
        const apart = analyseVariance([first, second.map((value) => value + 10)]);
        expect(apart?.p).toBeLessThanOrEqual((found?.p ?? 0) + 1e-12);
      }),
    );
  });
});

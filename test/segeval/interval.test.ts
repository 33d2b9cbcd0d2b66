import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapInterval } from '../../src/segeval/interval.ts';

describe('the interval of a mean', () => {
  // scipy.stats.bootstrap(method='percentile', n_resamples=200000).
  it.each([
    [
      [0.91, 0.95, 0.97, 0.88, 0.99],
      [0.904, 0.974],
    ],
    [
      [1, 1, 1, 1, 1, 1, 1, 0.2, 0.9, 0.95],
      [0.74, 1],
    ],
    [
      [0.1, 0.5, 0.3, 0.7, 0.2, 0.9, 0.4, 0.6, 0.8, 0.35, 0.55, 0.15],
      [0.325, 0.6042],
    ],
    [
      [2.1, 3.4, 15.2, 1.1, 4.4, 2.8, 9.9],
      [2.4857, 9.3714],
    ],
  ])('is near SciPy’s bootstrap for %j', (values, [low, high]) => {
    const width = high! - low!;
    const ours = bootstrapInterval(values);
    expect(Math.abs(ours[0] - low!)).toBeLessThan(0.06 * width);
    expect(Math.abs(ours[1] - high!)).toBeLessThan(0.06 * width);
  });

  it('lies within the values, around their mean, the same each time', () => {
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 40 });
    fc.assert(
      fc.property(shares, (values) => {
        const [low, high] = bootstrapInterval(values);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12);
        expect(high).toBeLessThanOrEqual(Math.max(...values) + 1e-12);
        expect(low).toBeLessThanOrEqual(high);
        expect(bootstrapInterval(values)).toEqual([low, high]);
      }),
      { numRuns: 20 },
    );
  });

  it('is none below five values', () => {
    expect(bootstrapInterval([0.5, 0.6, 0.7, 0.8])).toEqual([Number.NaN, Number.NaN]);
  });
});

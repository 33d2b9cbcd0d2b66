import { describe, expect, it } from 'vitest';
import { differenceOf, differenceWord } from '../../src/domain/difference.ts';
import { summarize } from '../../src/report/statistics/summarize.ts';

const between = (first: number[], second: number[]) => differenceOf(summarize(first)!, summarize(second)!);

describe('a difference of two means', () => {
  it("has the interval of SciPy 1.17's Welch test", () => {
    const found = between([0.84, 0.85, 0.83, 0.86, 0.845], [0.86, 0.87, 0.855, 0.88, 0.865, 0.85]);
    expect(found.difference).toBeCloseTo(-0.0183333333, 9);
    expect(found.interval?.low).toBeCloseTo(-0.0335451455, 9);
    expect(found.interval?.high).toBeCloseTo(-0.0031215212, 9);
    expect([differenceWord(found, 1), differenceWord(found, -1)]).toEqual(['worse', 'better']);
  });

  it('is told neither way where its interval has 0 inside, nor for a single run', () => {
    expect(differenceWord(between([0.84, 0.86], [0.85, 0.87, 0.84]), 1)).toBe('cannotTell');
    expect(between([0.9], [0.85, 0.86])).toEqual({ difference: expect.closeTo(0.045, 9), interval: null });
  });

  it('is told neither way where no run differs from another, as with a program that leaves its seed aside', () => {
    const found = between([0.849, 0.849], [0.85, 0.85, 0.85]);
    expect(found.interval).toBeNull();
    expect(differenceWord(found, 1)).toBe('cannotTell');
    expect(between([0.1 + 0.2, 0.3], [0.3, 0.3]).interval, 'the last digit of a sum').toBeNull();
  });
});

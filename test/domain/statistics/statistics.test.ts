import jstat from 'jstat';
import { expect, test } from 'vitest';
import {
  momentsOf,
  nominalLevels,
  normalCdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
  welchDifference,
} from '../../../src/domain/statistics/index.ts';

const { jStat } = jstat as unknown as {
  jStat: Record<'normal' | 'studentt', { cdf: (x: number, a: number, b?: number) => number }>;
};

test.each([-8, -3.2, -3, -1.5, -0.1, 0, 0.7, 2.9, 3.1])('Φ(%d) agrees with jStat', (z) => {
  expect(normalCdf(z)).toBeCloseTo(jStat.normal.cdf(z, 0, 1), 9);
});

test('normal quantiles known from tables', () => {
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 8);
  expect(normalQuantile(0.0001)).toBeCloseTo(-3.719016485, 8);
});

test.each([1, 1.7, 4, 9.3, 200])('t with %d degrees agrees with jStat, and its quantile undoes it', (degrees) => {
  for (const t of [-12, -2, -0.3, 0, 0.5, 1.8, 6]) {
    const p = studentTCdf(t, degrees);
    // jStat itself is off by 2e-8 (it gives 0.500000018 at t = 0).
    expect(p).toBeCloseTo(jStat.studentt.cdf(t, degrees), 7);
    if (p < 0.9999) expect(studentTQuantile(p, degrees)).toBeCloseTo(t, 6);
  }
});

test('t quantiles known from tables', () => {
  expect(studentTQuantile(0.975, 4)).toBeCloseTo(2.776445, 5);
  expect(studentTQuantile(0.95, 1)).toBeCloseTo(6.313752, 5);
});

test("Welch's difference by hand", () => {
  const { difference, standardError, degrees } = welchDifference(momentsOf([1, 2, 3]), momentsOf([2, 4, 6, 8]));
  expect(difference).toBe(-3);
  expect(standardError).toBeCloseTo(Math.sqrt(1 / 3 + 20 / 3 / 4), 12);
  expect(degrees).toBeCloseTo(4 / ((1 / 3) ** 2 / 2 + (5 / 3) ** 2 / 3), 12);
});

test('Pocock levels for five equal looks at one-sided 2.5 % give back Pocock 1977', () => {
  // Constant boundary 2.413 spends these cumulative rates; feeding them back must give the boundary.
  const z = 2.413;
  const information = [1, 2, 3, 4, 5];
  const one = 1 - normalCdf(z);
  const spent = [one, 0.01381, 0.01825, 0.02182, 0.025];
  const levels = nominalLevels(information, spent);
  for (const level of levels) expect(normalQuantile(1 - level)).toBeCloseTo(z, 1);
});

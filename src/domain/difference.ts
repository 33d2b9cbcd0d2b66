import { studentTQuantile, welchDifference } from './statistics/index.ts';

export interface Interval {
  low: number;
  high: number;
}

/** The three possible readings of a difference between two means. */
export type DifferenceWord = 'better' | 'worse' | 'cannotTell';

export const differenceWords: Record<DifferenceWord, string> = {
  better: 'better',
  worse: 'worse',
  cannotTell: 'cannot tell',
};

/** The words for the end of a sentence: after "no loss, confirmed", a bare "cannot tell" would seem to take it back. */
export const differenceEnds: Record<DifferenceWord, string> = {
  ...differenceWords,
  cannotTell: 'cannot tell which is better',
};

/** The difference of two means and its uncertainty. */
export interface Difference {
  difference: number;
  /**
   * 95 % confidence interval of the difference (Welch 1947); null if a side has one run, or if the runs do not vary.
   */
  interval: Interval | null;
}

interface Sample {
  mean: number;
  /** Sample standard deviation; null for a single value. */
  sd: number | null;
  n: number;
}

/** The mean of `first` minus that of `second`, with its 95 % interval. */
export function differenceOf(first: Sample, second: Sample): Difference {
  const difference = first.mean - second.mean;
  if (first.sd === null || second.sd === null || Math.min(first.n, second.n) < 2) return { difference, interval: null };
  const moments = ({ mean, n }: Sample, sd: number) => ({ mean, variance: sd ** 2, n });
  const { standardError, degrees } = welchDifference(moments(first, first.sd), moments(second, second.sd));
  // Runs that do not vary are one run repeated, as when a program ignores its seed: they show nothing about chance.
  if (standardError <= 1e-12 * Math.max(Math.abs(first.mean), Math.abs(second.mean)))
    return { difference, interval: null };
  const reach = studentTQuantile(0.975, degrees) * standardError;
  return { difference, interval: { low: difference - reach, high: difference + reach } };
}

/** `better` or `worse` only if the interval excludes 0. `sign`: 1 if higher is better, -1 if lower is. */
export function differenceWord({ interval }: Pick<Difference, 'interval'>, sign: 1 | -1): DifferenceWord {
  if (interval === null || !(interval.low > 0 || interval.high < 0)) return 'cannotTell';
  return interval.low > 0 === sign > 0 ? 'better' : 'worse';
}

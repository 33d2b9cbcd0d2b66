import { studentTQuantile, welchDifference } from './statistics/index.ts';

export interface Interval {
  low: number;
  high: number;
}

/** What a difference of two means says: three words, and no fourth. */
export type DifferenceWord = 'better' | 'worse' | 'cannotTell';

export const differenceWords: Record<DifferenceWord, string> = {
  better: 'better',
  worse: 'worse',
  cannotTell: 'cannot tell',
};

/** The same at the end of a sentence, which beside "no loss, confirmed" must not seem to take it back. */
export const differenceEnds: Record<DifferenceWord, string> = {
  ...differenceWords,
  cannotTell: 'cannot tell which is better',
};

/** Mean minus mean, and how sure that is. */
export interface Difference {
  difference: number;
  /** 95 % confidence interval of the difference (Welch 1947); null where a single run has no spread, or no run differs from another. */
  interval: Interval | null;
}

interface Sample {
  mean: number;
  /** Sample standard deviation; null for a single value. */
  sd: number | null;
  n: number;
}

/** `first`'s mean without `second`'s, with its 95 % interval. */
export function differenceOf(first: Sample, second: Sample): Difference {
  const difference = first.mean - second.mean;
  if (first.sd === null || second.sd === null || Math.min(first.n, second.n) < 2) return { difference, interval: null };
  const moments = ({ mean, n }: Sample, sd: number) => ({ mean, variance: sd ** 2, n });
  const { standardError, degrees } = welchDifference(moments(first, first.sd), moments(second, second.sd));
  // Runs that do not differ at all are one run, repeated, as where a program leaves its seed aside: they know nothing of chance.
  if (standardError <= 1e-12 * Math.max(Math.abs(first.mean), Math.abs(second.mean)))
    return { difference, interval: null };
  const reach = studentTQuantile(0.975, degrees) * standardError;
  return { difference, interval: { low: difference - reach, high: difference + reach } };
}

/** A difference is told as better or worse only where its interval leaves out 0. `sign`: 1 where more is better, -1 where less is. */
export function differenceWord({ interval }: Pick<Difference, 'interval'>, sign: 1 | -1): DifferenceWord {
  if (interval === null || !(interval.low > 0 || interval.high < 0)) return 'cannotTell';
  return interval.low > 0 === sign > 0 ? 'better' : 'worse';
}

import { type DifferenceWord, differenceOf, differenceWord, type Interval } from '../../domain/difference.ts';
import type { Summary } from './summarize.ts';

/** Several values of one metric, compared with the baseline's. */
export interface ComparedSummary extends Summary {
  /** Mean minus the baseline's mean; null without a baseline. */
  difference: number | null;
  /** 95 % confidence interval of the difference (Welch 1947); null where either is a single run. */
  differenceInterval: Interval | null;
  /** What the difference says; null without a baseline, or where it is unknown which values are better. */
  comparison: DifferenceWord | null;
}

/** `sign`: 1 where higher is better, -1 where lower is, 0 where unknown. */
export function comparedWith(summary: Summary, reference: Summary | undefined, sign: 1 | -1 | 0): ComparedSummary {
  if (reference === undefined) return { ...summary, difference: null, differenceInterval: null, comparison: null };
  const { difference, interval } = differenceOf(summary, reference);
  const comparison = sign === 0 ? null : differenceWord({ interval }, sign);
  return { ...summary, difference, differenceInterval: interval, comparison };
}

/** The difference as `MetricText.change` takes it; null without a baseline. */
export function differenceIn({ difference, differenceInterval }: ComparedSummary) {
  return difference === null ? null : { difference, interval: differenceInterval };
}

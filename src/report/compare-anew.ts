import type { RunRecord } from '../../db/index.ts';
import { count, formatNumber } from '../domain/format.ts';
import type { MetricText } from '../domain/metric-text.ts';
import { momentsOf, studentTQuantile, welchDifference } from '../domain/statistics/index.ts';
import type { Interval } from './statistics.ts';

/** A confirmed setting that was trained anew, against baseline runs that are as new. */
export interface TrainedAnew {
  workers: number;
  /** Runs of the setting and of one worker; all with a result, the diverged ones counted with theirs. */
  n: number;
  baselineRuns: number;
  /** Mean minus one worker's mean, in the metric's own direction. */
  difference: number;
  /** 95 % confidence interval of the difference (Welch 1947); null for single runs. */
  interval: Interval | null;
  /** Of the study's decision rule; null where the rule has none. */
  margin: number | null;
  /** The difference loses less than the margin; null without one. */
  within: boolean | null;
}

export interface AnewOptions {
  /** Of the policy `confirmed`, with a result. */
  runs: readonly RunRecord[];
  baseline: readonly RunRecord[];
  metric: string;
  /** 1 where more is better. */
  sign: 1 | -1 | 0;
  margin: number | null;
}

/** By number of workers, the fewest first. No verdict: those are the studies', and this is their test by new runs. */
export function trainedAnew({ runs, baseline, metric, sign, margin }: AnewOptions): TrainedAnew[] {
  const values = (list: readonly RunRecord[]) => list.flatMap(({ metrics }) => metrics?.[metric] ?? []);
  const one = momentsOf(values(baseline));
  const counts = [...new Set(runs.map(({ workers }) => workers))].sort((a, b) => a - b);
  return counts.flatMap((workers) => {
    const many = momentsOf(values(runs.filter((run) => run.workers === workers)));
    if (many.n === 0 || one.n === 0) return [];
    const difference = many.mean - one.mean;
    const { standardError, degrees } = welchDifference(many, one);
    const half = studentTQuantile(0.975, degrees) * standardError;
    return [
      {
        workers,
        n: many.n,
        baselineRuns: one.n,
        difference,
        interval: Math.min(many.n, one.n) < 2 ? null : { low: difference - half, high: difference + half },
        margin,
        within: margin === null || sign === 0 ? null : sign * difference > -margin,
      },
    ];
  });
}

/** `8 workers: +0.2 points (95 % interval −0.4 to +0.8; 5 fresh runs against 5), within the margin of 0.01`. */
export function anewText(anew: readonly TrainedAnew[], text: MetricText): string[] {
  if (anew.length === 0) return [];
  const sentences = anew.map(({ workers, n, baselineRuns, difference, interval, margin, within }) => {
    const range =
      interval === null ? '' : `95 % interval ${text.difference(interval.low)} to ${text.difference(interval.high)}; `;
    const held =
      margin === null || within === null
        ? ''
        : `, ${within ? 'within' : 'BEYOND'} the margin of ${formatNumber(margin)}`;
    return `  ${count(workers, 'worker')}: ${text.change(difference)} (${range}${count(n, 'run')} against ${baselineRuns})${held}`;
  });
  return [
    'Confirmed by autopilot scale, trained anew with fresh seeds, against one worker with fresh seeds:',
    ...sentences,
  ];
}

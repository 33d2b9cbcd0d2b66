import type { RunRecord } from '../../../db/index.ts';
import { type DifferenceWord, differenceOf, differenceWord, type Interval } from '../../domain/difference.ts';
import type { MetricText } from '../../domain/metric/text.ts';
import { count } from '../../domain/text/format.ts';
import { summarize } from '../statistics/summarize.ts';

/** A confirmed setting trained anew, compared with baseline runs that are just as new. */
export interface TrainedAnew {
  workers: number;
  /** Numbers of runs of the setting and of one worker: all that have a result, diverged ones included. */
  n: number;
  baselineRuns: number;
  /** Mean minus one worker's mean; the sign is not flipped where lower is better. */
  difference: number;
  /** 95 % confidence interval of the difference (Welch 1947); null for single runs. */
  interval: Interval | null;
  /** The margin of the study's decision rule; null where it has none. */
  margin: number | null;
  /** Compared with one worker; null where it is unknown which values are better. */
  comparison: DifferenceWord | null;
  /** Whether the whole interval loses less than the margin (`within`) or more (`beyond`); null without a margin. */
  within: 'within' | 'beyond' | 'cannotTell' | null;
}

export interface AnewOptions {
  /** Runs of the policy `confirmed` that have a result. */
  runs: readonly RunRecord[];
  baseline: readonly RunRecord[];
  metric: string;
  /** 1 where higher is better. */
  sign: 1 | -1 | 0;
  margin: number | null;
}

/** By number of workers, fewest first. Gives no verdict: the studies do, and new runs test their verdicts here. */
export function trainedAnew({ runs, baseline, metric, sign, margin }: AnewOptions): TrainedAnew[] {
  const values = (list: readonly RunRecord[]) => list.flatMap(({ metrics }) => metrics?.[metric] ?? []);
  const one = summarize(values(baseline));
  const counts = [...new Set(runs.map(({ workers }) => workers))].sort((a, b) => a - b);
  return counts.flatMap((workers) => {
    const many = summarize(values(runs.filter((run) => run.workers === workers)));
    if (many === null || one === null) return [];
    const found = differenceOf(many, one);
    return [
      {
        workers,
        n: many.n,
        baselineRuns: one.n,
        ...found,
        comparison: sign === 0 ? null : differenceWord(found, sign),
        margin,
        within: margin === null || sign === 0 ? null : againstMargin(found.interval, sign, margin),
      },
    ];
  });
}

/** `cannotTell` where the interval contains the margin, or there is no interval. */
function againstMargin(interval: Interval | null, sign: 1 | -1, margin: number): NonNullable<TrainedAnew['within']> {
  if (interval === null) return 'cannotTell';
  const gains = [sign * interval.low, sign * interval.high];
  if (Math.min(...gains) > -margin) return 'within';
  return Math.max(...gains) < -margin ? 'beyond' : 'cannotTell';
}

const marginWords = { within: 'within', beyond: 'BEYOND', cannotTell: 'cannot tell whether within' };

/** `8 workers: +0.2 points, 95 % interval −0.4 to +0.8: cannot tell which is better (5 runs against 5); within …`. */
export function anewText(anew: readonly TrainedAnew[], text: MetricText): string[] {
  if (anew.length === 0) return [];
  const sentences = anew.map(({ workers, n, baselineRuns, difference, interval, margin, within }) => {
    const held =
      margin === null || within === null ? '' : `; ${marginWords[within]} the margin of ${text.amount(margin)}`;
    return `  ${count(workers, 'worker')}: ${text.change({ difference, interval })} (${count(n, 'run')} against ${baselineRuns})${held}`;
  });
  return [
    'Confirmed by autopilot scale, trained again with fresh seeds, against one worker with fresh seeds:',
    ...sentences,
  ];
}

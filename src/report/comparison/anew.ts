import type { RunRecord } from '../../../db/index.ts';
import { type DifferenceWord, differenceOf, differenceWord, type Interval } from '../../domain/difference.ts';
import type { MetricText } from '../../domain/metric/text.ts';
import { count } from '../../domain/text/format.ts';
import { summarize } from '../statistics/summarize.ts';

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
  /** Against one worker; null where nobody knows which values are better. */
  comparison: DifferenceWord | null;
  /** Whether the whole interval loses less than the margin, or more; null without a margin. */
  within: 'within' | 'beyond' | 'cannotTell' | null;
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

/** `cannotTell` where the interval has the margin inside, and without one. */
function againstMargin(interval: Interval | null, sign: 1 | -1, margin: number): NonNullable<TrainedAnew['within']> {
  if (interval === null) return 'cannotTell';
  const gains = [sign * interval.low, sign * interval.high];
  if (Math.min(...gains) > -margin) return 'within';
  return Math.max(...gains) < -margin ? 'beyond' : 'cannotTell';
}

const marginWords = { within: 'within', beyond: 'BEYOND', cannotTell: 'cannot tell whether within' };

/** `8 workers: +0.2 points, 95 % interval −0.4 to +0.8: cannot tell which is better (5 runs against 5); within the margin of 1 point`. */
export function anewText(anew: readonly TrainedAnew[], text: MetricText): string[] {
  if (anew.length === 0) return [];
  const sentences = anew.map(({ workers, n, baselineRuns, difference, interval, margin, within }) => {
    const held =
      margin === null || within === null ? '' : `; ${marginWords[within]} the margin of ${text.amount(margin)}`;
    return `  ${count(workers, 'worker')}: ${text.change({ difference, interval })} (${count(n, 'run')} against ${baselineRuns})${held}`;
  });
  return [
    'Confirmed by autopilot scale, trained anew with fresh seeds, against one worker with fresh seeds:',
    ...sentences,
  ];
}

import { type MetricDefinitions, metricNamed, signOf } from '../../src/domain/metric/definition.ts';
import type { Metrics } from '../../src/domain/metric/metrics.ts';
import { momentsOf, type SampleMoments } from '../../src/domain/statistics/index.ts';
import type { RunMetrics, Standing } from './rule.ts';

/** The named metric, or null if the run diverged, does not report it or reports no finite number. */
export function metricOf(run: RunMetrics | undefined, metric: string): number | null {
  const value = run?.[metric];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** 1 where more of the metric is better, -1 where less is; as its name says without a definition, 1 if that is unknown. */
export function directionOf(metric: string, definitions: MetricDefinitions | undefined): 1 | -1 {
  return signOf(metricNamed(metric, definitions));
}

/** Suffix for a number of the metric: ` mm` for millimetres, empty for a fraction. */
export function unitOf(metric: string, definitions: MetricDefinitions | undefined): string {
  const unit = definitions?.[metric]?.unit ?? null;
  return unit === null ? '' : ` ${unit}`;
}

/** `, lower is better` for such a metric, whose signs would otherwise be misread; else empty. */
export function directionText(metric: string, definitions: MetricDefinitions | undefined): string {
  return directionOf(metric, definitions) < 0 ? ', lower is better' : '';
}

/** The best possible value, or null if there is none. */
export function bestValueOf(metric: string, definitions: MetricDefinitions | undefined): number | null {
  const definition = definitions?.[metric];
  return definition === undefined ? null : definition.bounds[definition.direction === 'higher' ? 1 : 0];
}

/** The largest possible difference between two values of the metric; Infinity if it is unbounded. */
export function largestDifference(metric: string, definitions: MetricDefinitions | undefined): number {
  const [low = null, high = null] = definitions?.[metric]?.bounds ?? [];
  return low === null || high === null ? Number.POSITIVE_INFINITY : high - low;
}

/** The finite values of one metric over runs. */
export function valuesOf(runs: RunMetrics[], metric: string): number[] {
  return runs.map((run) => metricOf(run, metric)).filter((value) => value !== null);
}

/** Mean, variance and number of the baseline's runs, from the runs or from the summary given. */
export function baselineMoments({ baseline, baselineSummary }: Standing, metric: string): SampleMoments {
  if (!baselineSummary) return momentsOf(valuesOf(baseline, metric));
  const { mean, sd, n } = baselineSummary;
  return { mean: mean[metric] ?? Number.NaN, variance: (sd[metric] ?? Number.NaN) ** 2, n };
}

/** The mean of every metric over the runs that report it; null if a run diverged or there are none. */
export function meanMetrics(runs: RunMetrics[]): RunMetrics {
  if (runs.length === 0 || runs.some((run) => run === null)) return null;
  const names = new Set(runs.flatMap((run) => Object.keys(run ?? {})));
  const means: Metrics = {};
  for (const name of names) {
    const values = valuesOf(runs, name);
    if (values.length > 0) means[name] = mean(values);
  }
  return means;
}

export function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What runs with different seeds that do not differ mean, and what to do about it. */
export function oneRunAgain(metric: string): string {
  return (
    'runs of different seeds that differ by less than a thousandth of what would matter are one run repeated, and say ' +
    'nothing about chance; seed the training from the "seed" of run.json (Python: run.seed) or, where it is, decide on a finer metric ' +
    `than ${metric}, or on more data`
  );
}

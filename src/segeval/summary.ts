import { type CaseMetricName, caseMetricNames } from './case-metric-names.ts';
import type { CaseResult, FolderEvaluation } from './cases.ts';
import { bootstrapInterval, quantile } from './interval.ts';
import { compareLabels, type Label } from './label.ts';
import { type AllClassesMetricName, allClassesMetricNames } from './overlap-metrics.ts';

/** Summary of a metric's values over cases. */
export interface ValueSummary {
  /** Cases counted, and cases left out because the metric is not defined for them. */
  n: number;
  excluded: number;
  mean: number;
  /** Sample standard deviation (n − 1); NaN for one case. */
  sd: number;
  /** 95 % confidence interval of the mean, by bootstrap; NaN for few cases. */
  confidence95: [number, number];
  /** Smallest, quartiles, largest. */
  quartiles: [number, number, number, number, number];
}

/** A metric of one class over the cases. */
export interface MetricSummary extends ValueSummary {
  label: Label;
  metric: CaseMetricName;
}

/** A metric of all classes together: over the cases, and over the voxels of all cases as if they were one. */
export interface AllClassesSummary extends ValueSummary {
  metric: AllClassesMetricName;
  pooled: number;
}

/** One summary per class and metric, in the order of the classes and of SegEval's table. */
export function summarize(results: readonly CaseResult[]): MetricSummary[] {
  const labels = [...new Set(results.map(({ label }) => label))].sort(compareLabels);
  return labels.flatMap((label) => {
    const cases = results.filter((result) => result.label === label);
    return caseMetricNames.map((metric) => ({
      label,
      metric,
      ...summaryOf(cases.map(({ metrics }) => metrics[metric])),
    }));
  });
}

export function summarizeAllClasses({ cases, pooled }: FolderEvaluation['allClasses']): AllClassesSummary[] {
  if (cases.length === 0) return [];
  return allClassesMetricNames.map((metric) => ({
    metric,
    ...summaryOf(cases.map(({ metrics }) => metrics[metric])),
    pooled: pooled[metric],
  }));
}

function summaryOf(all: readonly number[]): ValueSummary {
  const values = all.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const n = values.length;
  const mean = n === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    n,
    excluded: all.length - n,
    mean,
    sd: n < 2 ? Number.NaN : Math.sqrt(squares / (n - 1)),
    confidence95: bootstrapInterval(values),
    quartiles: [0, 0.25, 0.5, 0.75, 1].map((fraction) => quantile(values, fraction)) as ValueSummary['quartiles'],
  };
}

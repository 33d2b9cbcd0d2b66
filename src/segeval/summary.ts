import { studentTQuantile } from '../domain/statistics/student-t.ts';
import { type CaseMetricName, caseMetricNames } from './case-metric-names.ts';
import type { CaseResult } from './cases.ts';

/** A metric of one class over the cases. */
export interface MetricSummary {
  label: number;
  metric: CaseMetricName;
  /** Cases counted, and cases left out because the metric is not defined for them. */
  n: number;
  excluded: number;
  mean: number;
  /** Sample standard deviation (n − 1); NaN for one case. */
  sd: number;
  /** 95 % confidence interval of the mean, Student's t; NaN for one case. */
  confidence95: [number, number];
  /** Smallest, quartiles, largest. */
  quartiles: [number, number, number, number, number];
}

/** One summary per class and metric, in the order of the classes and of SegEval's table. */
export function summarize(results: readonly CaseResult[]): MetricSummary[] {
  const labels = [...new Set(results.map(({ label }) => label))].sort((a, b) => a - b);
  return labels.flatMap((label) => {
    const cases = results.filter((result) => result.label === label);
    return caseMetricNames.map((metric) =>
      summarizeValues(
        label,
        metric,
        cases.map(({ metrics }) => metrics[metric]),
      ),
    );
  });
}

function summarizeValues(label: number, metric: CaseMetricName, all: readonly number[]): MetricSummary {
  const values = all.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const n = values.length;
  const mean = n === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const sd = n < 2 ? Number.NaN : Math.sqrt(squares / (n - 1));
  const half = n < 2 ? Number.NaN : studentTQuantile(0.975, n - 1) * (sd / Math.sqrt(n));
  const quartiles = [0, 0.25, 0.5, 0.75, 1].map((fraction) => quantile(values, fraction));
  return {
    label,
    metric,
    n,
    excluded: all.length - n,
    mean,
    sd,
    confidence95: [mean - half, mean + half],
    quartiles: quartiles as MetricSummary['quartiles'],
  };
}

function quantile(sorted: readonly number[], fraction: number): number {
  if (sorted.length === 0) return Number.NaN;
  const rank = (sorted.length - 1) * fraction;
  const below = Math.floor(rank);
  const [low, high] = [sorted[below]!, sorted[Math.min(sorted.length - 1, below + 1)]!];
  return low === high ? low : low + (high - low) * (rank - below);
}

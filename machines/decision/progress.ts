import type { MetricDefinitions } from '../../src/domain/metric/definition.ts';
import { digitsFor, number, signed } from './format.ts';
import { directionOf, directionText, metricOf, unitOf } from './primary.ts';
import type { Judgement, RunMetrics } from './rule.ts';

export interface ProgressOptions {
  /** Prefix of the rule id. */
  rule: string;
  /** In order of priority. */
  metrics: string[];
  definitions?: MetricDefinitions | undefined;
  current: RunMetrics;
  /** The previous iteration's; undefined when there is nothing to compare with. */
  previous: RunMetrics | undefined;
}

/**
 * Whether this iteration is better than the previous one: lexicographic over the metrics, strict (thesis §6.4); a
 * metric that either lacks is skipped. A diverged run is worse than any that finished.
 */
export function progress({
  rule,
  metrics,
  definitions,
  current,
  previous,
}: ProgressOptions): Judgement<'improved' | 'degraded' | 'diverged'> {
  const primary = metrics[0]!;
  const now = metricOf(current, primary);
  const before = metricOf(previous, primary);
  const observed = { [primary]: now, [previousName(primary)]: before };
  if (now === null) {
    return { verdict: 'diverged', rule: `${rule}.diverged`, observed, saw: `no usable ${primary}: counts as degraded` };
  }
  if (previous === undefined) {
    const saw = `${primary} ${number(now)}${unitOf(primary, definitions)}, the first result of the tuning`;
    return { verdict: 'improved', rule: `${rule}.first`, observed, saw };
  }
  if (before === null) {
    const saw = `${primary} ${number(now)}${unitOf(primary, definitions)} after a run without a result: improved`;
    return { verdict: 'improved', rule: `${rule}.improved`, observed, saw };
  }
  const deciding = metrics.find((metric) => {
    const [a, b] = [metricOf(current, metric), metricOf(previous, metric)];
    return a !== null && b !== null && a !== b;
  });
  const metric = deciding ?? primary;
  const value = metricOf(current, metric) ?? now;
  const earlier = metricOf(previous, metric) ?? before;
  const verdict = directionOf(metric, definitions) * (value - earlier) > 0 ? 'improved' : 'degraded';
  const digits = digitsFor(value, earlier);
  const tie = metric === primary ? '' : `${primary} ${number(now)} unchanged, `;
  const unit = unitOf(metric, definitions);
  const word = value === earlier ? 'no improvement' : verdict;
  return {
    verdict,
    rule: `${rule}.${verdict}`,
    observed: { ...observed, [metric]: value, [previousName(metric)]: earlier },
    saw: `${tie}${metric} ${number(earlier, digits)} → ${number(value, digits)}${unit} (${signed(value - earlier, digits)}${unit}${directionText(metric, definitions)}): ${word}`,
  };
}

/** Strictly better in the lexicographic order; null is worse than any result. */
export function isBetter(
  candidate: RunMetrics,
  than: RunMetrics,
  metrics: string[],
  definitions?: MetricDefinitions,
): boolean {
  return progress({ rule: 'order', metrics, definitions, current: candidate, previous: than }).verdict === 'improved';
}

function previousName(metric: string): string {
  return `previous${metric.charAt(0).toUpperCase()}${metric.slice(1)}`;
}

/** `baselineDice` for `dice`. */
export function baselineName(metric: string): string {
  return `baseline${metric.charAt(0).toUpperCase()}${metric.slice(1)}`;
}

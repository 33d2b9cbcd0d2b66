import type { IterationAction } from '../../src/domain/guideline.ts';
import type { MetricDefinitions } from '../../src/domain/metric/definition.ts';
import type { Metrics } from '../../src/domain/metric/metrics.ts';
import type { Iteration, RunResult } from '../../src/domain/study.ts';
import { isBetter, meanMetrics, type RunMetrics } from '../decision/index.ts';
import type { GuidelineContext } from './context.ts';

/** A trained iteration that is not a validation, with the result that counts. */
export interface Standings {
  iteration: Iteration;
  /** The result of an unconfirmed validation replaces the one that led to it (design: decision rule). */
  metrics: RunMetrics;
}

/** Metrics to judge a run by: null unless it finished. */
export function runMetrics(result: RunResult): RunMetrics {
  return result.state === 'finished' ? result.metrics : null;
}

/** Only the finite numbers: JSON cannot represent others, and a rule cannot use them. */
export function finiteMetrics(metrics: Metrics): Metrics {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
}

/** The runs that a validation is judged by: its own, after those of earlier validations of the same iteration. */
export function validatingResults(
  { iterations }: Pick<GuidelineContext, 'iterations'>,
  { number, parent }: Iteration,
): RunResult[] {
  const same = iterations.filter(
    (each) => each.action === 'validate' && each.parent === parent && each.number <= number,
  );
  return same.flatMap(({ results }) => results);
}

/** The iterations that k workers trained. */
export function onWorkers(iterations: readonly Iteration[]): Iteration[] {
  return iterations.filter(({ action }) => action !== 'extendBaseline');
}

/** The result of every tuning iteration, validations folded in, oldest first. */
export function standings(iterations: Iteration[]): Standings[] {
  const list: Standings[] = [];
  for (const iteration of onWorkers(iterations)) {
    if (iteration.results.length === 0) continue;
    const metrics = meanMetrics(iteration.results.map(runMetrics));
    const last = list.at(-1);
    if (iteration.action === 'validate' && last) last.metrics = metrics;
    else list.push({ iteration, metrics });
  }
  return list;
}

/** The best of them in the order of the metrics, the earlier one in a tie; the last if none has a result. */
export function bestOf(list: Standings[], metrics: string[], definitions?: MetricDefinitions): Standings | null {
  const withResult = list.filter((standing) => standing.metrics?.[metrics[0]!] !== undefined);
  if (withResult.length === 0) return list.at(-1) ?? null;
  return withResult.reduce((best, standing) =>
    isBetter(standing.metrics, best.metrics, metrics, definitions) ? standing : best,
  );
}

/** Number of trained iterations, validations included. An iteration 0 that was skipped does not count. */
export function trainedIterations(iterations: Iteration[], defaultsTrained: boolean): number {
  return onWorkers(iterations).filter(({ number }) => number > 0 || defaultsTrained).length;
}

/** The last iteration that is not a validation, which a repeated action continues from. */
export function lastTuned({ iterations }: Pick<GuidelineContext, 'iterations'>): Iteration {
  return onWorkers(iterations).findLast(({ action }) => action !== 'validate')!;
}

export function isTuning(action: IterationAction): boolean {
  return action !== 'applyDefaults' && action !== 'validate' && action !== 'extendBaseline';
}

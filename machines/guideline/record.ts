import type { IterationAction } from '../../src/domain/guideline.ts';
import type { MetricDefinitions } from '../../src/domain/metric/definition.ts';
import type { Metrics } from '../../src/domain/metric/metrics.ts';
import type { Iteration, RunResult } from '../../src/domain/study.ts';
import { isBetter, meanMetrics, type RunMetrics } from '../decision/index.ts';
import type { GuidelineContext } from './context.ts';

/** The trained iterations that are not validations, with the result that counts, oldest first. */
export interface Standings {
  iteration: Iteration;
  /** A validation that did not confirm takes the place of the result that asked for it (design: decision rule). */
  metrics: RunMetrics;
}

/** Metrics of a run for judging it: null where it diverged. */
export function runMetrics(result: RunResult): RunMetrics {
  return result.state === 'finished' ? result.metrics : null;
}

/** Only finite numbers: JSON knows no others, and a rule can use no others. */
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

/** What every tuning iteration came to, validations folded in. */
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

/** The best of them in the order of the metrics, the earlier one in a tie; the last where none has a result. */
export function bestOf(list: Standings[], metrics: string[], definitions?: MetricDefinitions): Standings | null {
  const withResult = list.filter((standing) => standing.metrics?.[metrics[0]!] !== undefined);
  if (withResult.length === 0) return list.at(-1) ?? null;
  return withResult.reduce((best, standing) =>
    isBetter(standing.metrics, best.metrics, metrics, definitions) ? standing : best,
  );
}

/** Trained iterations: rows with a run, validations included. An iteration 0 that is skipped does not count. */
export function trainedIterations(iterations: Iteration[], defaultsTrained: boolean): number {
  return onWorkers(iterations).filter(({ number }) => number > 0 || defaultsTrained).length;
}

/** The last iteration that is no validation: what a repeated action goes on from. */
export function lastTuned({ iterations }: Pick<GuidelineContext, 'iterations'>): Iteration {
  return onWorkers(iterations).findLast(({ action }) => action !== 'validate')!;
}

export function isTuning(action: IterationAction): boolean {
  return action !== 'applyDefaults' && action !== 'validate' && action !== 'extendBaseline';
}

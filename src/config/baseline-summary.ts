import { metricNames, outsideBounds } from './decision-metrics.ts';
import type { ConfigProblem } from './problem.ts';
import type { ResolvedStudyConfig } from './resolve.ts';
import type { StudyConfig } from './study-config.ts';

/** Checks that a baseline given as statistics is complete, stands alone, and has a spread if the rule needs one. */
export function baselineSummaryChecks(
  { baseline, decision }: ResolvedStudyConfig,
  given: StudyConfig,
): ConfigProblem[] {
  const { mean, sd, n, runs } = baseline;
  const problem = (field: string, message: string): ConfigProblem[] => [{ path: ['baseline', field], message }];
  if (mean === undefined) {
    if (sd === undefined && n === undefined) return [];
    return problem(
      sd === undefined ? 'n' : 'sd',
      'baseline.mean is missing, but baseline.sd and baseline.n need it; add the mean of each metric',
    );
  }
  const both = runs !== undefined ? 'runs' : given.baseline.seeds !== undefined ? 'seeds' : null;
  if (both !== null) {
    return problem(both, `baseline.mean and baseline.${both} are mutually exclusive; leave one of them out`);
  }
  if (n === undefined) {
    return problem('mean', 'baseline.n is missing; give the number of runs that baseline.mean summarizes');
  }
  const [primary = ''] = metricNames(decision);
  if (mean[primary] === undefined) {
    return problem('mean', `baseline.mean has no ${primary}, the primary metric; add it, or change decision.metrics`);
  }
  const outside = outsideBounds(decision, mean);
  if (outside !== null) return problem('mean', `baseline.mean.${outside}`);
  if (decision.rule === 'nonInferiority' && sd?.[primary] === undefined) {
    return problem(
      'mean',
      `baseline.sd has no ${primary}, but the rule nonInferiority needs its spread; add the standard deviation of the ${n} runs`,
    );
  }
  return [];
}

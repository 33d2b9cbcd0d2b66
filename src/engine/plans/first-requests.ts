import { advance, iterations, pendingRuns, start } from '../../../machines/guideline/index.ts';
import { metricNames } from '../../config/decision-metrics.ts';
import { isBaselineGiven } from '../../config/given-baseline.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { IterationAction } from '../../domain/guideline.ts';
import type { RunRequest } from '../../domain/study.ts';
import { guidelineInputOf } from './guideline-input.ts';

/** The runs a study trains first, whatever its baseline's results. */
export interface FirstRequests {
  /** Empty if the config gives the baseline. */
  baseline: RunRequest[];
  /** Number of baseline runs that the config gives. */
  givenRuns: number;
  /** Runs of the first iteration. */
  first: RunRequest[];
  action: IterationAction;
}

export function firstRequests(config: ResolvedStudyConfig): FirstRequests {
  const before = start(guidelineInputOf(config));
  const baseline = pendingRuns(before);
  // The first iteration does not depend on the baseline's numbers, so any distinct ones will do.
  const after = baseline.reduce((state, { key }, index) => {
    const metrics = Object.fromEntries(metricNames(config.decision).map((name) => [name, 0.5 + index / 1000]));
    return advance(state, { type: 'run.finished', key, metrics });
  }, before);
  const given = isBaselineGiven(config);
  return {
    baseline: given ? [] : baseline,
    givenRuns: given ? baseline.length : 0,
    first: pendingRuns(after),
    action: iterations(after).at(-1)?.action ?? 'applyDefaults',
  };
}

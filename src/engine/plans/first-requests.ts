import { advance, iterations, pendingRuns, start } from '../../../machines/guideline/index.ts';
import { metricNames } from '../../config/decision-metrics.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { IterationAction } from '../../domain/guideline.ts';
import type { RunRequest } from '../../domain/study.ts';
import { guidelineInputOf } from './guideline-input.ts';

/** What a study trains first, whatever its baseline gives. */
export interface FirstRequests {
  baseline: RunRequest[];
  /** Of the first iteration. */
  first: RunRequest[];
  action: IterationAction;
}

export function firstRequests(config: ResolvedStudyConfig): FirstRequests {
  const before = start(guidelineInputOf(config));
  const baseline = pendingRuns(before);
  // The first iteration does not depend on the baseline's numbers, so any will do that differ.
  const after = baseline.reduce((state, { key }, index) => {
    const metrics = Object.fromEntries(metricNames(config.decision).map((name) => [name, 0.5 + index / 1000]));
    return advance(state, { type: 'run.finished', key, metrics });
  }, before);
  return { baseline, first: pendingRuns(after), action: iterations(after).at(-1)?.action ?? 'applyDefaults' };
}

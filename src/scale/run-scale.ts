import type { StudyEnd } from '../engine/plans/plan.ts';
import { type RunStudyOptions, runPlan } from '../engine/study/run-study.ts';
import { scaleKind } from './scale-kind.ts';

/** As for a study; the config's `scale` section gives the worker counts. */
export type RunScaleOptions = Omit<RunStudyOptions, 'reopen'>;

/**
 * Starts or resumes the search for a setting without loss at one worker count after another. What has ended is not
 * trained again.
 */
export function runScale(options: RunScaleOptions): Promise<StudyEnd> {
  return runPlan(scaleKind, options);
}

import type { StudyEnd } from '../engine/plans/plan.ts';
import { type RunStudyOptions, runPlan } from '../engine/study/run-study.ts';
import { scaleKind } from './scale-kind.ts';

/** A study's config; its `scale` section says for which worker counts. */
export type RunScaleOptions = Omit<RunStudyOptions, 'reopen'>;

/** Looks for a setting without loss for one worker count after the other, or goes on with it. What has ended is not trained again. */
export function runScale(options: RunScaleOptions): Promise<StudyEnd> {
  return runPlan(scaleKind, options);
}

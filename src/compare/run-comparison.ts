import { steadyClock } from '../domain/steady-clock.ts';
import { type RunStudyOptions, runPlan } from '../engine/study/run-study.ts';
import { comparisonKind } from './comparison-kind.ts';
import type { ComparisonEnd, OnComparison } from './progress.ts';

/** The options of a study; the `compare` section of its config defines the comparison. */
export type RunComparisonOptions = Omit<RunStudyOptions, 'onProgress' | 'reopen'> & { onProgress?: OnComparison };

/** Starts or continues a comparison. Completed runs are never trained again. */
export async function runComparison({ onProgress, ...options }: RunComparisonOptions): Promise<ComparisonEnd> {
  const now = options.now ?? steadyClock();
  const { kind, say } = comparisonKind(onProgress ?? (() => {}), now);
  const end = await runPlan(kind, { ...options, now, onProgress: say });
  return end.state === 'stopped' ? end : { state: end.outcome, reason: end.reason };
}

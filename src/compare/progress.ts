import type { ComparePolicy } from '../config/sections/compare.ts';
import type { Doubt } from '../domain/measured.ts';
import type { Metrics } from '../domain/metric/metrics.ts';
import type { ProgressEvent } from '../domain/progress.ts';
import type { StudyOutcome } from '../domain/study.ts';

/** What happens in a running comparison; one JSON line each with `--json`. */
export type ComparisonEvent =
  | { type: 'comparison.started'; comparison: string; runs: number; done: number; simulated: boolean; resumed: boolean }
  | { type: 'cell.started'; key: string; policy: ComparePolicy | 'baseline'; workers: number; repeat: number }
  | {
      type: 'cell.ended';
      key: string;
      state: 'finished' | 'diverged' | 'failed' | 'stopped';
      metrics: Metrics | null;
      reason: string | null;
      /** Runs ended, of those known by now. */
      done: number;
      runs: number;
      /** Until the known runs are done, from the pace so far; null before the first has ended. */
      secondsLeft: number | null;
    }
  /** A result that another study of the project, or another cell, has already. */
  | {
      type: 'cell.reused';
      key: string;
      policy: ComparePolicy | 'baseline';
      workers: number;
      repeat: number;
      from: string;
      done: number;
      runs: number;
    }
  | { type: 'search.started'; study: string; workers: number }
  | {
      type: 'search.ended';
      study: string;
      workers: number;
      outcome: StudyOutcome | null;
      reason: string;
      /** Why its runs may not be what was asked. */
      unverified?: readonly Doubt[] | undefined;
    }
  /** From a training, or from a study of the guideline, which is named. */
  | { type: 'inner'; event: ProgressEvent; study?: string }
  | { type: 'warning'; message: string }
  | { type: 'comparison.ended'; comparison: string; state: ComparisonEnd['state']; reason: string };

/** `complete`, or why not: a training could not be done (the same call tries again), the budget is spent, it was stopped. */
export interface ComparisonEnd {
  state: StudyOutcome | 'stopped';
  reason: string;
}

export type OnComparison = (event: ComparisonEvent) => void;

import type { ComparePolicy } from '../config/sections/compare.ts';
import type { Doubt } from '../domain/measured.ts';
import type { Metrics } from '../domain/metric/metrics.ts';
import type { ProgressEvent } from '../domain/progress.ts';
import type { StudyOutcome } from '../domain/study.ts';

/** Events of a running comparison; `--json` prints each as one JSON line. */
export type ComparisonEvent =
  | { type: 'comparison.started'; comparison: string; runs: number; done: number; simulated: boolean; resumed: boolean }
  | { type: 'cell.started'; key: string; policy: ComparePolicy | 'baseline'; workers: number; repeat: number }
  | {
      type: 'cell.ended';
      key: string;
      state: 'finished' | 'diverged' | 'failed' | 'stopped';
      metrics: Metrics | null;
      reason: string | null;
      /** Completed runs, out of the `runs` known so far. */
      done: number;
      runs: number;
      /** Upper bound at the pace so far, searches included; null before the first run has ended. */
      secondsLeft: number | null;
    }
  /** A result taken from another study of the project or from another cell. */
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
      /** Why its runs may not have trained what was asked. */
      unverified?: readonly Doubt[] | undefined;
    }
  /** Forwarded from a training, or from the search study named in `study`. */
  | { type: 'inner'; event: ProgressEvent; study?: string }
  | { type: 'warning'; message: string }
  | { type: 'comparison.ended'; comparison: string; state: ComparisonEnd['state']; reason: string };

/** `complete`, or why not: a run failed (calling again retries it), the budget is spent, or it was stopped. */
export interface ComparisonEnd {
  state: StudyOutcome | 'stopped';
  reason: string;
}

export type OnComparison = (event: ComparisonEvent) => void;

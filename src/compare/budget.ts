import type { RunRecord, Store } from '../../db/index.ts';
import type { CompareConfig } from '../config/compare.ts';

/** When the budget is looked at: before a run begins, or while runs are under way (one of them may just have begun). */
export type SpendingLook = 'newRun' | 'running';

export interface Spending {
  /** Trained runs, those under way included. */
  runs: number;
  /** Hours of training, all runs added up. */
  hours: number;
}

/** What a comparison and its studies have cost until now. */
export function spendingOf(store: Store, studyIds: readonly string[], nowMs: number): Spending {
  const trained = studyIds
    .flatMap((studyId) => store.runsOf(studyId))
    .filter(({ origin, startedMs }) => origin === 'trained' && startedMs !== null);
  return {
    runs: trained.length,
    hours: trained.reduce((sum, run) => sum + millisecondsOf(run, nowMs), 0) / 3_600_000,
  };
}

/** Why no training may go on, or null.  */
export function comparisonSpent(
  budget: CompareConfig['budget'],
  { runs, hours }: Spending,
  look: SpendingLook,
): string | null {
  if (budget.hours !== undefined && hours >= budget.hours)
    return `the budget of ${budget.hours} hours of training is spent`;
  if (budget.runs !== undefined && (look === 'newRun' ? runs >= budget.runs : runs > budget.runs)) {
    return `the budget of ${budget.runs} runs is spent`;
  }
  return null;
}

function millisecondsOf({ startedMs, endedMs, state }: RunRecord, nowMs: number): number {
  if (startedMs === null) return 0;
  // A run that an engine left behind has no end; what it took after that is not known and not counted.
  return Math.max(0, (endedMs ?? (state === 'running' ? nowMs : startedMs)) - startedMs);
}

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

/** What a comparison and its studies have cost, as far as their runs have given signs of life. */
export function spendingOf(store: Store, studyIds: readonly string[]): Spending {
  const trained = studyIds
    .flatMap((studyId) => store.runsOf(studyId))
    .filter(({ origin, startedMs }) => origin === 'trained' && startedMs !== null);
  return {
    runs: trained.length,
    hours: trained.reduce((sum, run) => sum + millisecondsOf(store, run), 0) / 3_600_000,
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

function millisecondsOf(store: Store, run: RunRecord): number {
  if (run.startedMs === null) return 0;
  return Math.max(0, (run.endedMs ?? lastSignMs(store, run.id)) - run.startedMs);
}

/** A run that an engine left behind is still marked as running: what came after its last epoch or attempt is not training. */
function lastSignMs(store: Store, runId: string): number {
  const ofAttempts = store.attemptsOf(runId).flatMap(({ startedMs, endedMs }) => [startedMs ?? 0, endedMs ?? 0]);
  return Math.max(0, store.lastEpochOf(runId)?.timeMs ?? 0, ...ofAttempts);
}

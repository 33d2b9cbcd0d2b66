import type { RunRecord, Store } from '../../../db/index.ts';

export interface BudgetOptions {
  /** Hours of wall-clock time, over all sessions. */
  hours?: number | undefined;
  /** Sum over runs of workers × hours. */
  workerHours?: number | undefined;
}

const msPerHour = 3_600_000;

/** Milliseconds that engines have worked on a study: each session from its first event to its last, without pauses. */
export function workedMs(store: Store, studyId: string, nowMs: number): number {
  let worked = 0;
  let from: number | null = null;
  let last = 0;
  for (const { type, timeMs } of store.eventsOf(studyId)) {
    if (type === 'session.started') {
      if (from !== null) worked += last - from;
      from = timeMs;
    } else if (type === 'study.paused' && from !== null) {
      worked += timeMs - from;
      from = null;
    } else if (type === 'study.continued') {
      from = timeMs;
    }
    last = timeMs;
  }
  return from === null ? worked : worked + nowMs - from;
}

/** Sum over runs of workers × milliseconds; a run that is still running counts until now. */
export function workerMs(runs: readonly RunRecord[], nowMs: number): number {
  return runs.reduce((sum, { workers, startedMs, endedMs }) => {
    return startedMs === null ? sum : sum + workers * Math.max(0, (endedMs ?? nowMs) - startedMs);
  }, 0);
}

/** Why the budget is spent, or null. */
export function spentReason(budget: BudgetOptions, store: Store, studyId: string, nowMs: number): string | null {
  if (budget.hours !== undefined && workedMs(store, studyId, nowMs) >= budget.hours * msPerHour) {
    return `the budget of ${budget.hours} hours is spent`;
  }
  if (budget.workerHours !== undefined && workerMs(store.runsOf(studyId), nowMs) >= budget.workerHours * msPerHour) {
    return `the budget of ${budget.workerHours} worker hours is spent`;
  }
  return null;
}

/** Milliseconds until the wall-clock budget is spent; null without one. */
export function budgetLeftMs(budget: BudgetOptions, store: Store, studyId: string, nowMs: number): number | null {
  return budget.hours === undefined ? null : Math.max(0, budget.hours * msPerHour - workedMs(store, studyId, nowMs));
}

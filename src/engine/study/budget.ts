import type { RunRecord, Store } from '../../../db/index.ts';
import type { Limits } from '../plans/plan.ts';

const msPerHour = 3_600_000;

/** Milliseconds that engines have worked on a study: each session from its first event to its last, without pauses. */
export function workedMs(store: Store, studyId: string, nowMs: number): number {
  let worked = 0;
  let from: number | null = null;
  let last = 0;
  for (const { type, timeMs } of store.eventTimesOf(studyId)) {
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

/** Milliseconds of training of a run as far as it gave signs of life: one that was left behind does not train any more. */
export function trainedMs(store: Store, { id, startedMs, endedMs }: RunRecord): number {
  if (startedMs === null) return 0;
  const ofAttempts = store.attemptsOf(id).flatMap((attempt) => [attempt.startedMs ?? 0, attempt.endedMs ?? 0]);
  const lastSignMs = endedMs ?? Math.max(0, store.lastEpochOf(id)?.timeMs ?? 0, ...ofAttempts);
  return Math.max(0, lastSignMs - startedMs);
}

/** What a study, or several together, may spend. */
export interface Budget {
  /** Why no training may go on, or null. */
  spent(): string | null;
  /** Why no other run may begin, or null; those under way may end. */
  spentOnRuns(): string | null;
  /** Milliseconds until the hours are spent; null without a limit. */
  leftMs(): number | null;
}

export interface BudgetOptions {
  store: Store;
  /** The study whose hours count. */
  studyId: string;
  limits: Limits;
  /** The studies whose runs count. */
  studies: readonly string[];
  now: () => number;
}

export function budgetOf({ store, studyId, limits, studies, now }: BudgetOptions): Budget {
  const { hours, workerHours, trainingHours, runs } = limits;
  const allRuns = () => studies.flatMap((study) => store.runsOf(study));
  const trained = () => allRuns().filter(({ origin, startedMs }) => origin === 'trained' && startedMs !== null);
  const trainedTotal = () => trained().reduce((sum, run) => sum + trainedMs(store, run), 0);
  return {
    spent() {
      if (hours !== undefined && workedMs(store, studyId, now()) >= hours * msPerHour) {
        return `the budget of ${hours} hours is spent`;
      }
      if (workerHours !== undefined && workerMs(allRuns(), now()) >= workerHours * msPerHour) {
        return `the budget of ${workerHours} worker hours is spent`;
      }
      if (trainingHours !== undefined && trainedTotal() >= trainingHours * msPerHour) {
        return `the budget of ${trainingHours} hours of training is spent`;
      }
      return null;
    },
    spentOnRuns: () => (runs !== undefined && trained().length >= runs ? `the budget of ${runs} runs is spent` : null),
    leftMs: () => (hours === undefined ? null : Math.max(0, hours * msPerHour - workedMs(store, studyId, now()))),
  };
}

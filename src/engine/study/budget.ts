import type { RunRecord, Store, TrainingSpan } from '../../../db/index.ts';
import { count } from '../../domain/text/format.ts';
import type { Limits } from '../plans/plan.ts';

const msPerHour = 3_600_000;

/** Milliseconds in which at least one attempt trained, excluding pauses, queues, outages. `spans`: sorted by start. */
export function workedMs(spans: readonly TrainingSpan[]): number {
  let worked = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { fromMs, toMs } of spans) {
    worked += Math.max(0, toMs - Math.max(fromMs, until));
    until = Math.max(until, toMs);
  }
  return worked;
}

/** Sum over runs of workers × milliseconds of training. */
export function workerMs(runs: readonly Pick<RunRecord, 'workers' | 'activeMs'>[]): number {
  return runs.reduce((sum, { workers, activeMs }) => sum + workers * activeMs, 0);
}

/** What a study, or several together, may spend. */
export interface Budget {
  /** Why all training must stop, or null. */
  spent(): string | null;
  /** Why no more runs may begin, or null; those in progress may finish. */
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
}

export function budgetOf({ store, studyId, limits, studies }: BudgetOptions): Budget {
  const { hours, workerHours, trainingHours, runs } = limits;
  const allRuns = () => studies.flatMap((study) => store.runsOf(study));
  const trained = () => allRuns().filter(({ origin, startedMs }) => origin === 'trained' && startedMs !== null);
  const worked = () => workedMs(store.trainingSpansOf(studyId));
  return {
    spent() {
      if (hours !== undefined && worked() >= hours * msPerHour) return `the budget of ${count(hours, 'hour')} is spent`;
      if (workerHours !== undefined && workerMs(allRuns()) >= workerHours * msPerHour) {
        return `the budget of ${workerHours} worker hours is spent`;
      }
      const trainedMs = () => trained().reduce((sum, { activeMs }) => sum + activeMs, 0);
      if (trainingHours !== undefined && trainedMs() >= trainingHours * msPerHour) {
        return `the budget of ${count(trainingHours, 'hour')} of training is spent`;
      }
      return null;
    },
    spentOnRuns: () =>
      runs !== undefined && trained().length >= runs ? `the budget of ${count(runs, 'run')} is spent` : null,
    leftMs: () => (hours === undefined ? null : Math.max(0, hours * msPerHour - worked())),
  };
}

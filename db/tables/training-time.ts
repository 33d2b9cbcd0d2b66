import type { Database } from 'better-sqlite3';

/**
 * Training time without waiting: an attempt trains from `began_ms` (when it left the scheduler's queue or was first
 * heard from) until `seen_ms` (its last sign of life), less the time it spent requeued. The time between two attempts,
 * or after the last sign of an attempt that was lost while nobody was watching, is an outage and costs nothing. Rows of
 * earlier versions have neither column: for them the time from launch to end counts.
 */
export const attemptActiveMs =
  'max(0, coalesce(seen_ms, ended_ms, started_ms, 0) - coalesce(began_ms, started_ms, seen_ms, ended_ms, 0) - coalesce(requeued_ms, 0))';

/** Milliseconds in the queue: from intent to the first sign of life, plus the time spent requeued. */
export const attemptQueuedMs =
  'max(0, coalesce(began_ms, started_ms, created_ms) - created_ms) + coalesce(requeued_ms, 0)';

/** A run's training time: the sum over its attempts or, without any, from start to end. For statements on `run`. */
export const runActiveMs = overAttempts(attemptActiveMs, 'max(0, run.ended_ms - run.started_ms)');
export const runQueuedMs = overAttempts(attemptQueuedMs, '0');

function overAttempts(ofOne: string, without: string): string {
  return `coalesce((SELECT sum(${ofAttempt(ofOne)}) FROM attempt WHERE attempt.run_id = run.id), ${without}, 0)`;
}

/** Qualifies the columns of `attempt`, some of which `run` has as well. */
function ofAttempt(expression: string): string {
  return expression.replace(/\b(seen|ended|started|began|created|requeued)_ms\b/g, 'attempt.$1_ms');
}

/** A period of training, in milliseconds since 1970. */
export interface TrainingSpan {
  fromMs: number;
  toMs: number;
}

export function trainingTime(database: Database) {
  const spans = database.prepare<[string], TrainingSpan>(
    `SELECT coalesce(began_ms, started_ms) + coalesce(requeued_ms, 0) AS fromMs, coalesce(seen_ms, ended_ms, started_ms) AS toMs
     FROM attempt WHERE run_id IN (SELECT id FROM run WHERE study_id = ?) AND started_ms IS NOT NULL ORDER BY fromMs`,
  );
  return {
    /** The periods in which a study's attempts trained, ordered by their start; they may overlap. */
    trainingSpansOf: (studyId: string): TrainingSpan[] => spans.all(studyId),
  };
}

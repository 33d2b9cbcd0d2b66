import type { Database } from 'better-sqlite3';

/**
 * Training time, apart from waiting: an attempt trains from `began_ms` (it left the scheduler's queue, or said its first
 * word) until `seen_ms` (the last sign of life), less what it was back in the queue. What lies between two attempts, or after the last sign of one that was
 * lost while nobody looked, is an outage and costs nothing. Rows of earlier versions have neither: for them the time
 * from launch to end counts.
 */
export const attemptActiveMs =
  'max(0, coalesce(seen_ms, ended_ms, started_ms, 0) - coalesce(began_ms, started_ms, seen_ms, ended_ms, 0) - coalesce(requeued_ms, 0))';

/** Milliseconds in the queue: between intent and the first sign of life, and after it was sent back. */
export const attemptQueuedMs =
  'max(0, coalesce(began_ms, started_ms, created_ms) - created_ms) + coalesce(requeued_ms, 0)';

/** A run's own, over its attempts (one that came without them: from its start to its end); for statements on `run`. */
export const runActiveMs = overAttempts(attemptActiveMs, 'max(0, run.ended_ms - run.started_ms)');
export const runQueuedMs = overAttempts(attemptQueuedMs, '0');

function overAttempts(ofOne: string, without: string): string {
  return `coalesce((SELECT sum(${ofAttempt(ofOne)}) FROM attempt WHERE attempt.run_id = run.id), ${without}, 0)`;
}

/** The columns of `attempt` that `run` has as well, by their full names. */
function ofAttempt(expression: string): string {
  return expression.replace(/\b(seen|ended|started|began|created|requeued)_ms\b/g, 'attempt.$1_ms');
}

/** From when to when something trained, milliseconds since 1970. */
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
    /** The spans in which attempts of a study trained, by their beginning; they may overlap. */
    trainingSpansOf: (studyId: string): TrainingSpan[] => spans.all(studyId),
  };
}

import type { Database } from 'better-sqlite3';
import type { Metrics } from '../src/domain/metrics.ts';
import { decodeMetrics, encode } from './json.ts';

/** A trainer's own evaluation of an attempt on one split of the data. */
export interface EvaluationRecord {
  runId: string;
  attempt: number;
  /** `test`, `validation`, … */
  split: string;
  metrics: Metrics;
  timeMs: number;
}

interface EvaluationRow {
  run_id: string;
  attempt: number;
  split: string;
  metrics: string;
  time_ms: number;
}

export function evaluationTable(database: Database) {
  const ofRun = database.prepare<[string], EvaluationRow>(
    'SELECT * FROM evaluation WHERE run_id = ? ORDER BY attempt, time_ms',
  );
  return {
    evaluationsOf: (runId: string): EvaluationRecord[] => ofRun.all(runId).map(fromRow),
    /** The last word counts: a second evaluation of the same split replaces the first. */
    insertEvaluation(evaluation: EvaluationRecord): void {
      database
        .prepare(
          'INSERT OR REPLACE INTO evaluation (run_id, attempt, split, metrics, time_ms) VALUES (@runId, @attempt, @split, @metrics, @timeMs)',
        )
        .run({ ...evaluation, metrics: encode(evaluation.metrics) });
    },
  };
}

function fromRow(row: EvaluationRow): EvaluationRecord {
  return {
    runId: row.run_id,
    attempt: row.attempt,
    split: row.split,
    metrics: decodeMetrics(row.metrics),
    timeMs: row.time_ms,
  };
}

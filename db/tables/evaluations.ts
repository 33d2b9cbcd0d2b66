import type { Database } from 'better-sqlite3';
import type { ClassMetrics, Metrics } from '../../src/domain/metric/metrics.ts';
import { classMetrics, metrics } from './codecs.ts';
import { recordTable } from './record-table.ts';

/** A trainer's own evaluation of an attempt on one split of the data. */
export interface EvaluationRecord {
  runId: string;
  attempt: number;
  /** `test`, `validation`, … */
  split: string;
  metrics: Metrics;
  /** Metrics of each class by name; null where the trainer reported none. */
  classes: ClassMetrics | null;
  timeMs: number;
}

export function evaluationTable(database: Database) {
  const codecs = { metrics, classes: classMetrics };
  const { select, insertion } = recordTable<EvaluationRecord>(database, 'evaluation', codecs);
  const ofRun = select<[string]>('WHERE run_id = ? ORDER BY attempt, time_ms');
  const insert = insertion({ or: 'REPLACE' });
  return {
    evaluationsOf: (runId: string): EvaluationRecord[] => ofRun.all(runId),
    /** A second evaluation of the same split replaces the first. */
    insertEvaluation: (evaluation: EvaluationRecord): void => insert(evaluation),
  };
}

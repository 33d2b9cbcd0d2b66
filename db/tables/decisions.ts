import type { Database } from 'better-sqlite3';
import type { Decision } from '../../src/domain/study.ts';
import { json } from './codecs.ts';
import type { IterationRange } from './iterations.ts';
import { recordTable } from './record-table.ts';

export interface DecisionRecord extends Decision {
  studyId: string;
  /** The event that it responds to. */
  eventSequence: number;
  timeMs: number;
}

export function decisionTable(database: Database) {
  const { select, insertion } = recordTable<DecisionRecord>(database, 'decision', {
    observed: json,
    next: json,
    settingBefore: json,
    settingAfter: json,
  });
  const ofStudy = select<[string]>('WHERE study_id = ? ORDER BY sequence');
  const ofIteration = select<[string, number]>('WHERE study_id = ? AND iteration = ? ORDER BY sequence');
  const ofRange = select<[string, number, number]>(
    'WHERE study_id = ? AND iteration BETWEEN ? AND ? ORDER BY sequence',
  );
  const ofBaseline = select<[string]>('WHERE study_id = ? AND iteration IS NULL ORDER BY sequence');
  const last = select<[string]>('WHERE study_id = ? ORDER BY sequence DESC LIMIT 1');
  const insert = insertion();
  return {
    decisionsOf: (studyId: string): DecisionRecord[] => ofStudy.all(studyId),
    decisionsOfIteration: (studyId: string, iteration: number): DecisionRecord[] => ofIteration.all(studyId, iteration),
    decisionsOfRange: (studyId: string, { from, to }: IterationRange): DecisionRecord[] =>
      ofRange.all(studyId, from, to),
    /** The decisions that belong to no iteration: the baseline's. */
    decisionsOfBaseline: (studyId: string): DecisionRecord[] => ofBaseline.all(studyId),
    lastDecisionOf: (studyId: string): DecisionRecord | undefined => last.get(studyId),
    insertDecision: (decision: DecisionRecord): void => insert(decision),
    /** Reopening a `failed` or `cancelled` study withdraws its last judgement; the event log keeps it. */
    deleteDecisionsAfter(studyId: string, sequence: number): void {
      database.prepare('DELETE FROM decision WHERE study_id = ? AND sequence > ?').run(studyId, sequence);
    },
  };
}

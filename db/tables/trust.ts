import type { Database } from 'better-sqlite3';
import { recordTable } from './record-table.ts';

/** A mark showing that a study is a user's own or trusted (`src/engine/study/trust.ts`). */
export interface TrustRecord {
  studyId: string;
  /** `place:…`, `key:…` or `imported`. */
  mark: string;
  timeMs: number;
}

export function trustTable(database: Database) {
  const { select, insertion } = recordTable<TrustRecord>(database, 'trust', {});
  const ofStudy = select<[string]>('WHERE study_id = ?');
  const insert = insertion({ conflict: 'ON CONFLICT (study_id, mark) DO NOTHING' });
  return {
    trustMarksOf: (studyId: string): string[] => ofStudy.all(studyId).map(({ mark }) => mark),
    /** Does nothing when the mark is known. */
    insertTrust: (trust: TrustRecord): void => insert(trust),
  };
}

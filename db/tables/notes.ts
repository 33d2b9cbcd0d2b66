import type { Database } from 'better-sqlite3';
import { recordTable } from './record-table.ts';

/** A user's note on a study or one of its runs. */
export interface NoteRecord {
  studyId: string;
  runKey: string | null;
  text: string;
  timeMs: number;
}

export function noteTable(database: Database) {
  const { select, insertion } = recordTable<NoteRecord>(database, 'note', {});
  const ofStudy = select<[string]>('WHERE study_id = ? ORDER BY time_ms, id');
  const insert = insertion();
  return {
    notesOf: (studyId: string): NoteRecord[] => ofStudy.all(studyId),
    insertNote: (note: NoteRecord): void => insert(note),
  };
}

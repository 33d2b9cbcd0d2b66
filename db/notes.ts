import type { Database } from 'better-sqlite3';

/** What a person wanted remembered about a study or one of its runs. */
export interface NoteRecord {
  studyId: string;
  runKey: string | null;
  text: string;
  timeMs: number;
}

export function noteTable(database: Database) {
  const ofStudy = database.prepare<[string], NoteRecord>(
    'SELECT study_id AS studyId, run_key AS runKey, text, time_ms AS timeMs FROM note WHERE study_id = ? ORDER BY time_ms, id',
  );
  return {
    notesOf: (studyId: string): NoteRecord[] => ofStudy.all(studyId),
    insertNote(note: NoteRecord): void {
      database
        .prepare('INSERT INTO note (study_id, run_key, text, time_ms) VALUES (@studyId, @runKey, @text, @timeMs)')
        .run(note);
    },
  };
}

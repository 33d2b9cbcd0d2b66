import type { Database } from 'better-sqlite3';
import { decode, encodeOptional } from './json.ts';

/** A file that a study made: `checkpoint`, `prediction`, `log`, `report`, `model`. */
export interface ArtifactRecord {
  studyId: string;
  runId: string | null;
  kind: string;
  /** Absolute. */
  path: string;
  /** Step, epoch, hash: what belongs to the kind. */
  detail: Record<string, unknown> | null;
  timeMs: number;
}

interface ArtifactRow {
  study_id: string;
  run_id: string | null;
  kind: string;
  path: string;
  detail: string | null;
  time_ms: number;
}

export function artifactTable(database: Database) {
  const ofRun = database.prepare<[string], ArtifactRow>('SELECT * FROM artifact WHERE run_id = ? ORDER BY time_ms, id');
  const ofStudy = database.prepare<[string], ArtifactRow>(
    'SELECT * FROM artifact WHERE study_id = ? ORDER BY time_ms, id',
  );
  return {
    artifactsOfRun: (runId: string): ArtifactRecord[] => ofRun.all(runId).map(fromRow),
    artifactsOf: (studyId: string): ArtifactRecord[] => ofStudy.all(studyId).map(fromRow),
    /** The same path again updates its detail and time. */
    insertArtifact(artifact: ArtifactRecord): void {
      database
        .prepare(
          `INSERT INTO artifact (study_id, run_id, kind, path, detail, time_ms) VALUES (@studyId, @runId, @kind, @path, @detail, @timeMs)
           ON CONFLICT (study_id, kind, path) DO UPDATE SET detail = excluded.detail, time_ms = excluded.time_ms`,
        )
        .run({ ...artifact, detail: encodeOptional(artifact.detail) });
    },
  };
}

function fromRow(row: ArtifactRow): ArtifactRecord {
  return {
    studyId: row.study_id,
    runId: row.run_id,
    kind: row.kind,
    path: row.path,
    detail: row.detail === null ? null : (decode(row.detail) as Record<string, unknown>),
    timeMs: row.time_ms,
  };
}

import type { Database } from 'better-sqlite3';
import { json, pathIn } from './codecs.ts';
import { recordTable } from './record-table.ts';

/** A file that a study made: `checkpoint`, `prediction`, `log`, `report`, `model`. */
export interface ArtifactRecord {
  studyId: string;
  runId: string | null;
  kind: string;
  /** Absolute here; stored relative to the store's folder. */
  path: string;
  /** Details that depend on the kind: step, epoch, hash. */
  detail: Record<string, unknown> | null;
  timeMs: number;
}

/** `folder`: the store's folder; null for a store in memory. */
export function artifactTable(database: Database, folder: string | null) {
  const codecs = { detail: json, path: pathIn(folder) };
  const { select, insertion } = recordTable<ArtifactRecord>(database, 'artifact', codecs);
  const ofRun = select<[string]>('WHERE run_id = ? ORDER BY time_ms, path');
  const ofStudy = select<[string]>('WHERE study_id = ? ORDER BY time_ms, path');
  const insert = insertion({
    conflict: 'ON CONFLICT (study_id, kind, path) DO UPDATE SET detail = excluded.detail, time_ms = excluded.time_ms',
  });
  return {
    artifactsOfRun: (runId: string): ArtifactRecord[] => ofRun.all(runId),
    artifactsOf: (studyId: string): ArtifactRecord[] => ofStudy.all(studyId),
    /** Inserting a known path again updates its detail and time. */
    insertArtifact: (artifact: ArtifactRecord): void => insert(artifact),
  };
}

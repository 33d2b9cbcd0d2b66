import type { Database } from 'better-sqlite3';
import type { StudyOutcome } from '../src/domain/study.ts';
import { decode, encode } from './json.ts';

/** `guideline`: a study as everybody knows it; `comparison`: the cells of `autopilot compare`, which has no guideline of its own. */
export type StudyKind = 'guideline' | 'comparison';

export interface StudyRecord {
  id: string;
  name: string;
  kind: StudyKind;
  /** The whole study config with every default filled in, as JSON. */
  config: unknown;
  configHash: string;
  guidelineHash: string;
  /** Absolute folder that the config's relative paths start from. */
  directory: string;
  workers: number;
  epochs: number;
  /** True when its results come from the simulated trainer: never mistake them for measurements. */
  simulated: boolean;
  /** Versions of autopilot, Node and the platform that created it. */
  versions: Record<string, string>;
  /** Null while it runs or can be resumed. */
  outcome: StudyOutcome | null;
  /** Why it ended, in a sentence. */
  reason: string | null;
  createdMs: number;
  updatedMs: number;
  endedMs: number | null;
}

interface StudyRow {
  id: string;
  name: string;
  kind: StudyKind;
  config: string;
  config_hash: string;
  guideline_hash: string;
  directory: string;
  workers: number;
  epochs: number;
  simulated: number;
  versions: string;
  outcome: StudyOutcome | null;
  reason: string | null;
  created_ms: number;
  updated_ms: number;
  ended_ms: number | null;
}

export type NewStudy = Omit<StudyRecord, 'kind' | 'outcome' | 'reason' | 'updatedMs' | 'endedMs'> & {
  /** Left out: `guideline`. */
  kind?: StudyKind;
};

export function studyTable(database: Database) {
  const all = database.prepare<[StudyKind], StudyRow>('SELECT * FROM study WHERE kind = ? ORDER BY created_ms, rowid');
  const one = database.prepare<[string, string], StudyRow>('SELECT * FROM study WHERE id = ? OR name = ?');
  return {
    /** Every study with a guideline, oldest first. */
    studies: (): StudyRecord[] => all.all('guideline').map(fromRow),
    /** Every comparison of policies, oldest first. */
    comparisons: (): StudyRecord[] => all.all('comparison').map(fromRow),
    /** One study or comparison by its id or its name. */
    study(idOrName: string): StudyRecord | undefined {
      const row = one.get(idOrName, idOrName);
      return row && fromRow(row);
    },
    insertStudy(study: NewStudy): void {
      database
        .prepare(
          `INSERT INTO study (id, name, kind, config, config_hash, guideline_hash, directory, workers, epochs, simulated, versions, created_ms, updated_ms)
           VALUES (@id, @name, @kind, @config, @configHash, @guidelineHash, @directory, @workers, @epochs, @simulated, @versions, @createdMs, @createdMs)`,
        )
        .run({
          kind: 'guideline',
          ...study,
          config: encode(study.config),
          simulated: study.simulated ? 1 : 0,
          versions: encode(study.versions),
        });
    },
    /** A null outcome reopens the study. */
    setOutcome(studyId: string, ended: { outcome: StudyOutcome | null; reason: string | null; timeMs: number }): void {
      database
        .prepare('UPDATE study SET outcome = ?, reason = ?, updated_ms = ?, ended_ms = ? WHERE id = ?')
        .run(ended.outcome, ended.reason, ended.timeMs, ended.outcome === null ? null : ended.timeMs, studyId);
    },
    touchStudy(studyId: string, timeMs: number): void {
      database.prepare('UPDATE study SET updated_ms = ? WHERE id = ?').run(timeMs, studyId);
    },
    /** A compatible change, such as a larger budget; the caller appends the event that says so. */
    setConfig(studyId: string, changed: { config: unknown; configHash: string; directory: string }): void {
      database
        .prepare('UPDATE study SET config = ?, config_hash = ?, directory = ? WHERE id = ?')
        .run(encode(changed.config), changed.configHash, changed.directory, studyId);
    },
  };
}

function fromRow(row: StudyRow): StudyRecord {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    config: decode(row.config),
    configHash: row.config_hash,
    guidelineHash: row.guideline_hash,
    directory: row.directory,
    workers: row.workers,
    epochs: row.epochs,
    simulated: row.simulated === 1,
    versions: decode(row.versions) as Record<string, string>,
    outcome: row.outcome,
    reason: row.reason,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    endedMs: row.ended_ms,
  };
}

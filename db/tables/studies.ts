import type { Database } from 'better-sqlite3';
import type { StudyOutcome } from '../../src/domain/study.ts';
import { flag, json } from './codecs.ts';
import { recordTable } from './record-table.ts';

/**
 * `guideline`: an ordinary study; `comparison`: the cells of `autopilot compare`, which has no guideline of its own;
 * `scaling`: the record that `autopilot scale` keeps of itself beside its studies, one for each worker count.
 */
export type StudyKind = 'guideline' | 'comparison' | 'scaling';

export interface StudyRecord {
  id: string;
  name: string;
  kind: StudyKind;
  /** The whole study config with every default filled in, as JSON. */
  config: unknown;
  configHash: string;
  /** Null for a comparison and a scaling. */
  guidelineHash: string | null;
  /** Absolute folder that the config's relative paths start from. */
  directory: string;
  workers: number;
  epochs: number;
  /** True when its results come from the simulated trainer: never mistake them for measurements. */
  simulated: boolean;
  /**
   * Versions of autopilot, Node and the platform that created it, with its host, user and commit; earlier versions
   * stored neither user nor commit.
   */
  versions: Record<string, string>;
  /** Null while it runs or can be resumed. */
  outcome: StudyOutcome | null;
  /** Why it ended, in a sentence. */
  reason: string | null;
  createdMs: number;
  updatedMs: number;
  endedMs: number | null;
}

export type NewStudy = Omit<StudyRecord, 'kind' | 'outcome' | 'reason' | 'updatedMs' | 'endedMs'> & {
  /** Default: `guideline`. */
  kind?: StudyKind;
};

export function studyTable(database: Database) {
  const { select, insertion, update } = recordTable<StudyRecord>(database, 'study', {
    config: json,
    // The column is NOT NULL, so null is stored as an empty string, as earlier versions did for comparisons.
    guidelineHash: { encode: (hash) => (typeof hash === 'string' ? hash : ''), decode: (hash) => hash || null },
    versions: json,
    simulated: flag,
  });
  const ofKind = select<[StudyKind]>('WHERE kind = ? ORDER BY created_ms, rowid');
  const one = select<[string, string]>('WHERE id = ? OR name = ?');
  const insert = insertion();
  return {
    /** Every study with a guideline, oldest first. */
    studies: (): StudyRecord[] => ofKind.all('guideline'),
    /** Every comparison of policies, oldest first. */
    comparisons: (): StudyRecord[] => ofKind.all('comparison'),
    /** Every `autopilot scale`, oldest first. */
    scalings: (): StudyRecord[] => ofKind.all('scaling'),
    /** One study or comparison by its id or its name. */
    study: (idOrName: string): StudyRecord | undefined => one.get(idOrName, idOrName),
    insertStudy: (study: NewStudy): void => insert({ kind: 'guideline', ...study, updatedMs: study.createdMs }),
    /** A null outcome reopens the study. */
    setOutcome(
      id: string,
      { outcome, reason, timeMs }: Pick<StudyRecord, 'outcome' | 'reason'> & { timeMs: number },
    ): void {
      update({ id }, { outcome, reason, updatedMs: timeMs, endedMs: outcome === null ? null : timeMs });
    },
    touchStudy(id: string, timeMs: number): void {
      update({ id }, { updatedMs: timeMs });
    },
    /** Stores a compatible change, such as a larger budget; the caller appends the event that records it. */
    setConfig(id: string, changed: Pick<StudyRecord, 'config' | 'configHash' | 'directory'>): void {
      update({ id }, changed);
    },
  };
}

import type { Database } from 'better-sqlite3';
import type { IterationAction } from '../../src/domain/guideline.ts';
import type { Setting } from '../../src/domain/setting.ts';
import { json } from './codecs.ts';
import { recordTable } from './record-table.ts';

/** One row of the thesis's tables. `runsOfIteration` returns its runs, `decisionsOfIteration` its judgements. */
export interface IterationRecord {
  studyId: string;
  /** 0-based; 0 applies the default parameters. */
  number: number;
  action: IterationAction;
  /** The iteration whose setting it started from. */
  parent: number | null;
  setting: Setting;
  createdMs: number;
}

/** Iteration numbers, both ends included. */
export interface IterationRange {
  from: number;
  to: number;
}

export function iterationTable(database: Database) {
  const { select, insertion } = recordTable<IterationRecord>(database, 'iteration', { setting: json });
  const ofStudy = select<[string]>('WHERE study_id = ? ORDER BY number');
  const one = select<[string, number]>('WHERE study_id = ? AND number = ?');
  const ofRange = select<[string, number, number]>('WHERE study_id = ? AND number BETWEEN ? AND ? ORDER BY number');
  const last = database
    .prepare<[string], number | null>('SELECT max(number) FROM iteration WHERE study_id = ?')
    .pluck();
  const insert = insertion({ conflict: 'ON CONFLICT (study_id, number) DO NOTHING' });
  return {
    iterationsOf: (studyId: string): IterationRecord[] => ofStudy.all(studyId),
    iteration: (studyId: string, number: number): IterationRecord | undefined => one.get(studyId, number),
    iterationsOfRange: (studyId: string, { from, to }: IterationRange): IterationRecord[] =>
      ofRange.all(studyId, from, to),
    /** The highest number so far; null before the first iteration. */
    lastIterationOf: (studyId: string): number | null => last.get(studyId) ?? null,
    /** Does nothing when the iteration is known. */
    insertIteration: (iteration: IterationRecord): void => insert(iteration),
  };
}

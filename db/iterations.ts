import type { Database } from 'better-sqlite3';
import type { IterationAction } from '../src/domain/guideline.ts';
import type { Setting } from '../src/domain/setting.ts';
import { decode, encode } from './json.ts';

/** One row of the thesis's tables; its runs are `runsOfIteration`, its judgements `decisionsOfIteration`. */
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

interface IterationRow {
  study_id: string;
  number: number;
  action: IterationAction;
  parent: number | null;
  setting: string;
  created_ms: number;
}

export function iterationTable(database: Database) {
  const ofStudy = database.prepare<[string], IterationRow>(
    'SELECT * FROM iteration WHERE study_id = ? ORDER BY number',
  );
  const one = database.prepare<[string, number], IterationRow>(
    'SELECT * FROM iteration WHERE study_id = ? AND number = ?',
  );
  const ofRange = database.prepare<[string, number, number], IterationRow>(
    'SELECT * FROM iteration WHERE study_id = ? AND number BETWEEN ? AND ? ORDER BY number',
  );
  const last = database
    .prepare<[string], number | null>('SELECT max(number) FROM iteration WHERE study_id = ?')
    .pluck();
  const insert = database.prepare(
    `INSERT INTO iteration (study_id, number, action, parent, setting, created_ms)
     VALUES (@studyId, @number, @action, @parent, @setting, @createdMs)
     ON CONFLICT (study_id, number) DO NOTHING`,
  );
  return {
    iterationsOf: (studyId: string): IterationRecord[] => ofStudy.all(studyId).map(fromRow),
    iteration(studyId: string, number: number): IterationRecord | undefined {
      const row = one.get(studyId, number);
      return row && fromRow(row);
    },
    iterationsOfRange: (studyId: string, { from, to }: IterationRange): IterationRecord[] =>
      ofRange.all(studyId, from, to).map(fromRow),
    /** The highest number so far; null before the first iteration. */
    lastIterationOf: (studyId: string): number | null => last.get(studyId) ?? null,
    /** Does nothing when the iteration is known. */
    insertIteration(iteration: IterationRecord): void {
      insert.run({ ...iteration, setting: encode(iteration.setting) });
    },
  };
}

function fromRow(row: IterationRow): IterationRecord {
  return {
    studyId: row.study_id,
    number: row.number,
    action: row.action,
    parent: row.parent,
    setting: decode(row.setting) as Setting,
    createdMs: row.created_ms,
  };
}

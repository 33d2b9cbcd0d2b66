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
  const insert = database.prepare(
    `INSERT INTO iteration (study_id, number, action, parent, setting, created_ms)
     VALUES (@studyId, @number, @action, @parent, @setting, @createdMs)
     ON CONFLICT (study_id, number) DO NOTHING`,
  );
  return {
    iterationsOf: (studyId: string): IterationRecord[] => ofStudy.all(studyId).map(fromRow),
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

/** A table whose rows carry checksums and are journaled. */
interface StoredTable {
  /** The columns that identify a row. */
  key: readonly string[];
  /** The column that names the owning study or run. Tables without one are left out of a study's archive. */
  of?: 'id' | 'study_id' | 'run_id';
  /** SQLite assigns the key, which is part of the checksum, so an insertion cannot compute the checksum itself. */
  numbered?: true;
  /** Rows may change after they are inserted. */
  changed?: true;
  /** Rows may be removed. */
  removed?: true;
  /**
   * Columns whose change alone is not journaled: signs of life, which arrive every few seconds. They are journaled with
   * the row's next other change.
   */
  passing?: readonly string[];
}

/**
 * Parents first: the order in which rows can be inserted. Hardware samples, leases and the store's id are left out,
 * because no result depends on them.
 */
const tables = {
  study: { key: ['id'], of: 'id', changed: true, passing: ['updated_ms'] },
  event: { key: ['sequence'], of: 'study_id', numbered: true },
  iteration: { key: ['study_id', 'number'], of: 'study_id' },
  run: { key: ['id'], of: 'study_id', changed: true },
  attempt: { key: ['name'], of: 'run_id', changed: true, passing: ['began_ms', 'seen_ms', 'requeued_ms'] },
  epoch: { key: ['run_id', 'epoch'], of: 'run_id' },
  evaluation: { key: ['run_id', 'attempt', 'split'], of: 'run_id' },
  decision: { key: ['study_id', 'sequence'], of: 'study_id', removed: true },
  artifact: { key: ['id'], of: 'study_id', changed: true },
  // Nothing writes to it: the zoo is a folder.
  model: { key: ['name', 'version'] },
  note: { key: ['id'], of: 'study_id' },
  trust: { key: ['study_id', 'mark'] },
} as const satisfies Record<string, StoredTable>;

export type TableName = keyof typeof tables;
export const storedTables: Readonly<Record<TableName, StoredTable>> = tables;
export const tableNames = Object.keys(tables).filter(isStored);

export function isStored(table: string): table is TableName {
  return Object.hasOwn(tables, table);
}

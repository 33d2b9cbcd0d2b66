/** What the store knows of a table whose rows carry checksums and stand in the journal too. */
interface StoredTable {
  /** The columns by which a row is found again. */
  key: readonly string[];
  /** The column that says whose rows they are: a study's, or a run's. A study's archive leaves out those without. */
  of?: 'id' | 'study_id' | 'run_id';
  /** SQLite gives the key, which is part of the checksum: an insertion cannot bring that along. */
  numbered?: true;
  /** Rows are changed after they were inserted. */
  changed?: true;
  /** Some rows are removed again. */
  removed?: true;
  /**
   * Columns whose change alone is not journaled: signs of life, which come every few seconds. The next change of the row
   * takes them along.
   */
  passing?: readonly string[];
}

/**
 * Parents first: the order in which rows can be inserted. Samples of the hardware, leases and the store's id are not
 * among them: no result rests on them.
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
  // Nothing writes one: the zoo is a folder.
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

import Database from 'better-sqlite3';
import { migrate } from '../schema/migrations.ts';
import { type CheckedTable, checksumsUpdate, knowChecksums } from './checksums.ts';
import { keyColumns, type Rows, type SealedRow, tablesInOrder } from './format.ts';
import { prove } from './prove.ts';

/** What a row refers to: it cannot be stored without. */
const parents: Partial<Record<CheckedTable, readonly (readonly [column: string, table: CheckedTable])[]>> = {
  event: [['study_id', 'study']],
  iteration: [['study_id', 'study']],
  run: [['study_id', 'study']],
  attempt: [['run_id', 'run']],
  epoch: [['run_id', 'run']],
  evaluation: [['run_id', 'run']],
  decision: [
    ['study_id', 'study'],
    ['event_sequence', 'event'],
  ],
  artifact: [
    ['study_id', 'study'],
    ['run_id', 'run'],
  ],
  model: [['run_id', 'run']],
  note: [['study_id', 'study']],
  trust: [['study_id', 'study']],
};

export interface Dropped {
  table: CheckedTable;
  row: SealedRow;
  why: string;
}

/** Makes a database of these rows, of this program's schema, and looks through it. Returns what did not fit in. */
export function rebuildStore(file: string, { id, rows }: { id: string; rows: Rows }): Dropped[] {
  const database = new Database(file);
  const dropped: Dropped[] = [];
  try {
    migrate(database, file);
    knowChecksums(database);
    database.pragma('foreign_keys = ON');
    const keys = new Map<CheckedTable, Set<unknown>>();
    database.transaction(() => {
      database.prepare('UPDATE store SET id = ?').run(id);
      for (const table of tablesInOrder) keys.set(table, insertAll(database, { table, rows, keys, dropped }));
      for (const table of tablesInOrder) database.exec(checksumsUpdate(database, table));
    })();
    prove(database, file);
    return dropped;
  } finally {
    database.close();
  }
}

interface InsertOptions {
  table: CheckedTable;
  rows: Rows;
  /** Of the tables before. */
  keys: ReadonlyMap<CheckedTable, ReadonlySet<unknown>>;
  dropped: Dropped[];
}

/** Returns the keys that other tables refer to. */
function insertAll(database: Database.Database, { table, rows, keys, dropped }: InsertOptions): Set<unknown> {
  const columns = database
    .prepare<[string], string>("SELECT name FROM pragma_table_info(?) WHERE name <> 'checksum'")
    .pluck()
    .all(table);
  const stored = new Set<unknown>();
  for (const row of rows.get(table)?.values() ?? []) {
    const orphan = parents[table]?.find(
      ([column, of]) => (row[column] ?? null) !== null && !keys.get(of)?.has(row[column]),
    );
    const names = columns.filter((name) => name in row);
    try {
      if (orphan) throw new RangeError(`the ${orphan[1]} ${String(row[orphan[0]])} is lost`);
      database
        .prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`)
        .run(...names.map((name) => row[name]));
      stored.add(table === 'event' ? row.sequence : row.id);
    } catch (thrown) {
      dropped.push({ table, row, why: thrown instanceof Error ? thrown.message : String(thrown) });
    }
  }
  return stored;
}

/** Of rows by table and key (`run ["id"]`), those that a store does not have. */
export function missingIn(file: string, rows: ReadonlyMap<string, string>): string[] {
  const database = new Database(file, { readonly: true });
  try {
    return [...rows].flatMap(([at, words]) => {
      const space = at.indexOf(' ');
      const table = tablesInOrder.find((name) => name === at.slice(0, space));
      const values: unknown = JSON.parse(at.slice(space + 1));
      if (table === undefined || !Array.isArray(values)) return [words];
      const where = keyColumns[table].map((name) => `${name} = ?`).join(' AND ');
      const found = database.prepare<unknown[]>(`SELECT 1 FROM ${table} WHERE ${where}`).get(...values);
      return found === undefined ? [words] : [];
    });
  } finally {
    database.close();
  }
}

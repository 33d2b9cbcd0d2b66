import Database from 'better-sqlite3';
import { migrate } from '../schema/migrations.ts';
import { storedTables, type TableName, tableNames } from '../schema/stored-tables.ts';
import { checksumsUpdate, knowChecksums } from './checksums.ts';
import type { Rows, SealedRow } from './format.ts';
import { prove } from './prove.ts';

export interface Dropped {
  table: TableName;
  row: SealedRow;
  why: string;
}

/** Builds a database of this program's schema from these rows and checks it. Returns the rows that do not fit in. */
export function rebuildStore(file: string, { id, rows }: { id: string; rows: Rows }): Dropped[] {
  const database = new Database(file);
  const dropped: Dropped[] = [];
  try {
    migrate(database, file);
    knowChecksums(database);
    database.pragma('foreign_keys = ON');
    const keys = new Map<TableName, Set<unknown>>();
    database.transaction(() => {
      database.prepare('UPDATE store SET id = ?').run(id);
      for (const table of tableNames) keys.set(table, insertAll(database, { table, rows, keys, dropped }));
      for (const table of tableNames) database.exec(checksumsUpdate(database, table));
    })();
    prove(database, file);
    return dropped;
  } finally {
    database.close();
  }
}

interface InsertOptions {
  table: TableName;
  rows: Rows;
  /** Keys of the rows inserted into the preceding tables. */
  keys: ReadonlyMap<TableName, ReadonlySet<unknown>>;
  dropped: Dropped[];
}

/** Returns the keys that other tables refer to. */
function insertAll(database: Database.Database, { table, rows, keys, dropped }: InsertOptions): Set<unknown> {
  const columns = database
    .prepare<[string], string>("SELECT name FROM pragma_table_info(?) WHERE name <> 'checksum'")
    .pluck()
    .all(table);
  const parents = database
    .prepare<[string], [column: string, table: TableName]>('SELECT "from", "table" FROM pragma_foreign_key_list(?)')
    .raw()
    .all(table);
  const stored = new Set<unknown>();
  for (const row of rows.get(table)?.values() ?? []) {
    const orphan = parents.find(([column, of]) => (row[column] ?? null) !== null && !keys.get(of)?.has(row[column]));
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

/** Filters descriptions of rows, by table and key (`run ["id"]`), down to the rows that a store lacks. */
export function missingIn(file: string, rows: ReadonlyMap<string, string>): string[] {
  const database = new Database(file, { readonly: true });
  try {
    return [...rows].flatMap(([at, words]) => {
      const space = at.indexOf(' ');
      const table = tableNames.find((name) => name === at.slice(0, space));
      const values: unknown = JSON.parse(at.slice(space + 1));
      if (table === undefined || !Array.isArray(values)) return [words];
      const where = storedTables[table].key.map((name) => `${name} = ?`).join(' AND ');
      const found = database.prepare<unknown[]>(`SELECT 1 FROM ${table} WHERE ${where}`).get(...values);
      return found === undefined ? [words] : [];
    });
  } finally {
    database.close();
  }
}

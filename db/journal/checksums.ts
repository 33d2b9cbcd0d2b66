import { crc32 } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { storedTables, type TableName, tableNames } from '../schema/stored-tables.ts';

type Value = string | number | null | Buffer;

/** CRC-32 over a row's values, in the order of its columns. Every value is closed by its type: 5, '5' and NULL differ. */
export function checksumOf(values: readonly unknown[]): number {
  let text = '';
  for (const value of values as Value[]) {
    if (value === null) text += '\0';
    else text += typeof value === 'number' ? `${value}\x01` : typeof value === 'string' ? `${value}\x02` : '\x03';
  }
  return crc32(text);
}

/** The columns that a checksum is over: all but itself, and but the number that SQLite gives (`id INTEGER`). */
export function checkedColumns(database: Database, table: TableName): string[] {
  return database
    .prepare<[string], string>(
      "SELECT name FROM pragma_table_info(?) WHERE name <> 'checksum' AND NOT (name = 'id' AND type = 'INTEGER')",
    )
    .pluck()
    .all(table);
}

/** SQL for the checksum of a row with these values, which are SQL too. */
export function checksumSql(values: readonly string[]): string {
  return `row_checksum(${values.join(', ')})`;
}

/** Lets statements of this connection say `row_checksum(…)`. */
export function knowChecksums(database: Database): void {
  database.function('row_checksum', { varargs: true, deterministic: true }, (...values: unknown[]) =>
    checksumOf(values),
  );
}

/** Has this connection keep the checksums of rows that it changes. Whoever inserts with `checksumSql` is not slowed down. */
export function keepChecksums(database: Database): void {
  knowChecksums(database);
  database.pragma('temp_store = MEMORY');
  for (const table of tableNames) {
    const { key, numbered, changed } = storedTables[table];
    const checksum = checksumSql(checkedColumns(database, table).map((name) => `NEW.${name}`));
    // Recursive triggers are off (the default): the update within fires none.
    for (const change of [...(numbered ? ['INSERT'] : []), ...(changed ? ['UPDATE'] : [])])
      database.exec(
        `CREATE TEMP TRIGGER ${table}_${change}_checksum AFTER ${change} ON main.${table} BEGIN
           UPDATE ${table} SET checksum = ${checksum} WHERE ${key.map((name) => `${name} = NEW.${name}`).join(' AND ')};
         END`,
      );
  }
}

/** Computes the checksums of all rows, as they are: after a migration, which has looked through them before. */
export function writeChecksums(database: Database): void {
  knowChecksums(database);
  for (const table of tableNames) database.exec(checksumsUpdate(database, table));
}

/** SQL that computes the checksums of a table's rows, to be followed by a condition. */
export function checksumsUpdate(database: Database, table: TableName): string {
  return `UPDATE ${table} SET checksum = ${checksumSql(checkedColumns(database, table))}`;
}

/** A row that is not what was stored. */
export interface ChangedRow {
  table: TableName;
  /** Its columns as they are now, the text of each cut short. */
  row: Record<string, unknown>;
}

/** Rows whose checksum is not theirs, at most `limit` of a table. */
export function changedRows(
  database: Database,
  { except = [], limit = 3 }: { except?: readonly string[]; limit?: number } = {},
): ChangedRow[] {
  knowChecksums(database);
  return tableNames
    .filter((table) => !except.includes(table))
    .flatMap((table) => {
      const columns = checkedColumns(database, table);
      // An earlier version has fewer tables.
      if (columns.length === 0) return [];
      return database
        .prepare<[number], Record<string, unknown>>(
          `SELECT * FROM ${table} WHERE checksum IS NOT ${checksumSql(columns)} LIMIT ?`,
        )
        .all(limit)
        .map((row) => ({ table, row }));
    });
}

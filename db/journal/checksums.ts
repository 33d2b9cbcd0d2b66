import { crc32 } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { storedTables, type TableName, tableNames } from '../schema/stored-tables.ts';

type Value = string | number | null | Buffer;

/** CRC-32 over a row's values in column order. A type byte ends each value, so that 5, '5' and NULL differ. */
export function checksumOf(values: readonly unknown[]): number {
  let text = '';
  for (const value of values as Value[]) {
    if (value === null) text += '\0';
    else text += typeof value === 'number' ? `${value}\x01` : typeof value === 'string' ? `${value}\x02` : '\x03';
  }
  return crc32(text);
}

/** The columns that a checksum covers: all but the checksum itself and an id that SQLite assigns (`id INTEGER`). */
export function checkedColumns(database: Database, table: TableName): string[] {
  return database
    .prepare<[string], string>(
      "SELECT name FROM pragma_table_info(?) WHERE name <> 'checksum' AND NOT (name = 'id' AND type = 'INTEGER')",
    )
    .pluck()
    .all(table);
}

/** SQL for the checksum of a row with these values, which are SQL expressions. */
export function checksumSql(values: readonly string[]): string {
  return `row_checksum(${values.join(', ')})`;
}

/** Defines the SQL function `row_checksum(…)` on this connection. */
export function knowChecksums(database: Database): void {
  database.function('row_checksum', { varargs: true, deterministic: true }, (...values: unknown[]) =>
    checksumOf(values),
  );
}

/**
 * Makes this connection update the checksums of rows that it changes. Only `numbered` tables need a trigger on
 * insertion: other insertions compute the checksum with `checksumSql`.
 */
export function keepChecksums(database: Database): void {
  knowChecksums(database);
  database.pragma('temp_store = MEMORY');
  for (const table of tableNames) {
    const { key, numbered, changed } = storedTables[table];
    const checksum = checksumSql(checkedColumns(database, table).map((name) => `NEW.${name}`));
    // Recursive triggers are off by default, so the inner UPDATE fires none.
    for (const change of [...(numbered ? ['INSERT'] : []), ...(changed ? ['UPDATE'] : [])])
      database.exec(
        `CREATE TEMP TRIGGER ${table}_${change}_checksum AFTER ${change} ON main.${table} BEGIN
           UPDATE ${table} SET checksum = ${checksum} WHERE ${key.map((name) => `${name} = NEW.${name}`).join(' AND ')};
         END`,
      );
  }
}

/** Computes the checksums of all rows from their current values, after migrating a database that was checked before. */
export function writeChecksums(database: Database): void {
  knowChecksums(database);
  for (const table of tableNames) database.exec(checksumsUpdate(database, table));
}

/** SQL that computes the checksums of a table's rows; a condition may follow. */
export function checksumsUpdate(database: Database, table: TableName): string {
  return `UPDATE ${table} SET checksum = ${checksumSql(checkedColumns(database, table))}`;
}

/** A row that differs from what was stored. */
export interface ChangedRow {
  table: TableName;
  /** Its columns with their present values. */
  row: Record<string, unknown>;
}

/** Rows whose checksum does not match, at most `limit` per table. */
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

import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { checksumsSince, schemaVersion } from '../schema/migrations.ts';
import { columnsOf } from '../schema/shape.ts';
import { storedTables, type TableName, tableNames } from '../schema/stored-tables.ts';
import type { LeaseRecord } from '../tables/leases.ts';
import { recordTable } from '../tables/record-table.ts';
import { rowWords } from './damage.ts';
import { isSealed, keyOf, type Rows, type SealedRow, sealedRow } from './format.ts';

export interface Salvaged {
  version: number;
  /** The store's id; null if it cannot be read. */
  id: string | null;
  /** Intact rows; for a version without checksums, every readable row. */
  rows: Rows;
  /** Descriptions of damaged rows, by table and key. */
  changed: Map<string, string>;
  /** Tables that could not be read to their end. */
  unread: TableName[];
  leases: LeaseRecord[];
  /** False for a version without checksums, whose rows cannot be verified. */
  sealed: boolean;
}

/** Reads what it can of a damaged database, from a copy; null if the file is missing or empty. */
export function salvage(file: string): Salvaged | null {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) return null;
  const folder = mkdtempSync(join(tmpdir(), 'autopilot-repair-'));
  const found: Salvaged = {
    version: 0,
    id: null,
    rows: new Map(),
    changed: new Map(),
    unread: [],
    leases: [],
    sealed: true,
  };
  try {
    const copy = join(folder, 'copy.db');
    for (const end of ['', '-wal', '-journal']) {
      if (existsSync(`${file}${end}`)) copyFileSync(`${file}${end}`, `${copy}${end}`);
    }
    const database = opened(copy);
    if (database === null) return { ...found, unread: [...tableNames] };
    try {
      readAll(database, found);
    } finally {
      database.close();
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function opened(copy: string): Database.Database | null {
  try {
    const database = new Database(copy);
    database.pragma('cell_size_check = ON');
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return database;
  } catch {
    return null;
  }
}

function readAll(database: Database.Database, found: Salvaged): void {
  const version = read(() => Number(database.pragma('user_version', { simple: true }))) ?? 0;
  found.version = version;
  found.sealed = version >= checksumsSince || version === 0;
  found.id = read(() => String(database.prepare('SELECT id FROM store').pluck().get() ?? '') || null);
  found.leases = read(() => recordTable<LeaseRecord>(database, 'lease', {}).select('').all()) ?? [];
  for (const table of tableNames) readTable(database, table, found);
}

/** Reads a table from its beginning and, where that fails, from its end, each as far as the pages are intact. */
function readTable(database: Database.Database, table: TableName, found: Salvaged): void {
  const rows = new Map<string, SealedRow>();
  found.rows.set(table, rows);
  const backwards = storedTables[table].key.map((name) => `${name} DESC`).join(', ');
  for (const order of ['', ` ORDER BY ${backwards}`]) {
    try {
      const statement = database.prepare<[], unknown[]>(`SELECT * FROM ${table} NOT INDEXED${order}`);
      // Even column names may be damaged; those of this program's own schema are known.
      const own = statement.columns().map(({ name }) => name);
      const names = found.version === schemaVersion ? columnsOf(table) : own;
      if (names.length !== own.length) break;
      for (const values of statement.raw().iterate())
        take(Object.fromEntries(names.map((name, index) => [name, values[index]])), rows);
      return;
    } catch {
      // Read the rest from the other end.
    }
  }
  // A table that this version of the store did not have yet is not a loss.
  const known = read(() => database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) !== undefined);
  if (known !== false) found.unread.push(table);

  function take(raw: unknown, into: Map<string, SealedRow>): void {
    const row = sealedRow.safeParse(raw).data;
    if (row === undefined) return;
    if (!found.sealed || isSealed(row)) into.set(keyOf(table, row), row);
    else found.changed.set(`${table} ${keyOf(table, row)}`, rowWords({ table, row }));
  }
}

function read<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}

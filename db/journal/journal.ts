import { appendFileSync, closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type * as z from 'zod';
import { schemaVersion } from '../schema/migrations.ts';
import { isStored, storedTables, type TableName, tableNames } from '../schema/stored-tables.ts';
import { goneLine, type journalHeader, journalPath, type SealedRow } from './format.ts';
import { headOf, newestEventIn, tailBytes } from './tail.ts';

export interface StoreJournal {
  /** Appends what was committed since the last call. Call it outside transactions. */
  write(): void;
  /** Removes what has been written from `unjournaled`, preferably in a transaction that is open anyway. */
  tidy(): void;
}

/**
 * Keeps a second copy of a store's rows, as lines of JSON in a file beside it: each commit's changes are appended once
 * they are on disk. From this file `autopilot doctor --repair` rebuilds a damaged or lost database. A failure to write
 * it does not affect any study: the rows stay listed in `unjournaled` until a later write succeeds.
 */
export function storeJournal(database: Database, file: string, storeId: string): StoreJournal {
  const path = journalPath(file);
  noteChanges(database);
  const pending = database
    .prepare<[number], [id: number, table: string, key: string]>(
      'SELECT id, table_name, row_key FROM unjournaled WHERE id > ? ORDER BY id',
    )
    .raw();
  const forget = database.prepare<[number]>('DELETE FROM unjournaled WHERE id <= ?');
  const rowOf = new Map(
    tableNames.map((table) => {
      const where = storedTables[table].key.map((name) => `${name} = ?`).join(' AND ');
      return [table, database.prepare<unknown[], SealedRow>(`SELECT * FROM ${table} WHERE ${where}`)];
    }),
  );
  let written = 0;
  /** Whether the last line may be incomplete, because the disk was full or a process was killed. */
  let torn = true;

  function line(table: TableName, key: string): string {
    const values: unknown = JSON.parse(key);
    const row = Array.isArray(values) ? rowOf.get(table)?.get(...values) : undefined;
    return `${JSON.stringify(row === undefined ? goneLine(table, key) : { table, row })}\n`;
  }

  const journal: StoreJournal = {
    write() {
      const rows = pending.all(written);
      const last = rows.at(-1)?.[0];
      if (last === undefined) return;
      const lines = new Map(rows.map(([, table, key]) => [`${table} ${key}`, isStored(table) ? line(table, key) : '']));
      const text = [torn ? '\n' : '', ...lines.values()].join('');
      torn = !attempted(() => appendFileSync(path, text));
      if (!torn) written = last;
    },
    tidy() {
      if (written > 0) forget.run(written);
    },
  };
  if (isWhole(path, { database, file, storeId })) journal.write();
  else attempted(() => rewrite(path, { database, file, storeId }));
  return journal;
}

function noteChanges(database: Database): void {
  for (const table of tableNames) {
    const { key, changed, removed, passing = [] } = storedTables[table];
    const note = (row: 'NEW' | 'OLD') =>
      `INSERT INTO unjournaled (table_name, row_key)
       VALUES ('${table}', json_array(${key.map((name) => `${row}.${name}`).join(', ')}));`;
    const trigger = (when: string, row: 'NEW' | 'OLD') =>
      database.exec(
        `CREATE TEMP TRIGGER ${table}_${when.slice(0, 6)}_journal AFTER ${when} ON main.${table} BEGIN ${note(row)} END`,
      );
    trigger('INSERT', 'NEW');
    if (removed) trigger('DELETE', 'OLD');
    if (changed) {
      const columns = database.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table);
      const left = [...passing, 'checksum'];
      trigger(`UPDATE OF ${columns.filter((name) => !left.includes(name)).join(', ')}`, 'NEW');
    }
  }
}

interface Journaled {
  database: Database;
  file: string;
  storeId: string;
}

/**
 * Whether it is this store's, of this schema, not oversized, and has its newest event (a power failure may lose it).
 */
function isWhole(path: string, { database, file, storeId }: Journaled): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 || size > 8 * statSync(file).size + 2 ** 22) return false;
  const header = headOf(path);
  if (header?.store !== storeId || header.schema !== schemaVersion) return false;
  const newest = database
    .prepare<[], number | null>(
      `SELECT max(sequence) FROM event
       WHERE NOT EXISTS (SELECT 1 FROM unjournaled WHERE table_name = 'event' AND row_key = json_array(sequence))`,
    )
    .pluck()
    .get();
  const found = newestEventIn(path);
  return (newest ?? null) === null || (found === null && size > tailBytes) || Number(found) >= Number(newest);
}

/** Rewrites the journal. Nobody can commit meanwhile, so it has whatever another process appends to the old file. */
function rewrite(path: string, { database, file, storeId }: Journaled): void {
  const former = headOf(path);
  // Keep another store's journal: that store can be rebuilt from it.
  if (former !== null && former.store !== storeId)
    renameSync(path, path.replace(/\.ndjson$/, `-${former.store}.ndjson`));
  const temporary = `${path}.tmp`;
  database
    .transaction(() => {
      rmSync(temporary, { force: true });
      const out = openSync(temporary, 'wx', statSync(file).mode & 0o666);
      try {
        const header: z.infer<typeof journalHeader> = {
          journal: 'grescale-autopilot store',
          schema: schemaVersion,
          store: storeId,
        };
        // On a full disk, writeSync would write only a part and report that merely in its return value.
        writeFileSync(out, `${JSON.stringify(header)}\n`);
        for (const table of tableNames) {
          for (const row of database.prepare<[], SealedRow>(`SELECT * FROM ${table}`).iterate())
            writeFileSync(out, `${JSON.stringify({ table, row })}\n`);
        }
        fsyncSync(out);
      } finally {
        closeSync(out);
      }
      renameSync(temporary, path);
      database.exec('DELETE FROM unjournaled');
    })
    .immediate();
}

/** Returns false on failure; the write is retried with the next change, or when the store is next opened. */
function attempted(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

import { storedTables, type TableName, tableNames } from '../schema/stored-tables.ts';
import { rowWords } from './damage.ts';
import { type Journal, keyOf, type Rows, type SealedRow } from './format.ts';
import type { Salvaged } from './salvage.ts';

export interface Gathered {
  rows: Rows;
  /** Descriptions of rows that are intact only in the journal: the database has lost or damaged them. */
  righted: string[];
  /** Descriptions of damaged rows that are intact in neither, by table and key. */
  missing: Map<string, string>;
  /** Descriptions of other losses: tables that cannot be read to their end when there is no journal. */
  lost: string[];
}

/** Merges the rows of a damaged database and its journal; where both have a row, the newer of the two sources wins. */
export function gather(salvaged: Salvaged | null, journal: Journal | null): Gathered {
  const rows: Rows = new Map();
  const righted: string[] = [];
  const newer = lastEvent(journal?.rows) > lastEvent(salvaged?.rows);
  for (const table of tableNames) {
    const own = salvaged?.rows.get(table) ?? new Map<string, SealedRow>();
    const second = journal?.rows.get(table) ?? new Map<string, SealedRow>();
    const gone = newer ? journal?.gone.get(table) : undefined;
    const both = new Map([...(newer ? [...own, ...second] : [...second, ...own])].filter(([key]) => !gone?.has(key)));
    rows.set(table, new Map([...both].sort(([, a], [, b]) => inOrder(table, a, b))));
    if (salvaged === null) continue;
    for (const [key, row] of second) {
      if (!own.has(key) && both.has(key)) righted.push(rowWords({ table, row }));
    }
  }
  const missing = new Map([...(salvaged?.changed ?? [])].filter(([at]) => !has(rows, at)));
  const unread = journal === null ? (salvaged?.unread ?? []) : [];
  const beyond = unread.map((table) => `the table ${table} cannot be read beyond ${rows.get(table)?.size ?? 0} rows`);
  return { rows, righted, missing, lost: beyond };
}

/** Sorts rows with a single numeric key by that key; leaves other rows in their order. */
function inOrder(table: TableName, a: SealedRow, b: SealedRow): number {
  const [column = '', ...more] = storedTables[table].key;
  const [first, second] = [a[column], b[column]];
  return more.length === 0 && typeof first === 'number' && typeof second === 'number' ? first - second : 0;
}

function has(rows: Rows, at: string): boolean {
  const space = at.indexOf(' ');
  return [...rows].some(([table, own]) => table === at.slice(0, space) && own.has(at.slice(space + 1)));
}

function lastEvent(rows: Rows | undefined): number {
  let last = 0;
  for (const { sequence } of rows?.get('event')?.values() ?? []) last = Math.max(last, Number(sequence));
  return last;
}

/** Adds a row that was found elsewhere. */
export function addRow(rows: Rows, table: TableName, row: SealedRow): void {
  const own = rows.get(table) ?? new Map<string, SealedRow>();
  rows.set(table, own);
  own.set(keyOf(table, row), row);
}

import { existsSync } from 'node:fs';
import * as z from 'zod';
import { isStored, storedTables, type TableName } from '../schema/stored-tables.ts';
import { checksumOf } from './checksums.ts';
import { linesOf } from './lines-of.ts';

const value = z.union([z.string(), z.number(), z.null()]);
/** A row as SQLite stores it, including its checksum. */
export const sealedRow = z.record(z.string(), value);
export type SealedRow = z.infer<typeof sealedRow>;
const tableName = z.string().refine(isStored);

/** The journal's first line, which identifies the store. */
export const journalHeader = z.object({
  journal: z.literal('grescale-autopilot store'),
  schema: z.int().min(1),
  store: z.string(),
});
/** The latest version of a row, or the key of a removed row with a checksum. */
const journalLine = z.union([
  z.object({ table: tableName, row: sealedRow }),
  z.object({ table: tableName, gone: z.array(value), checksum: z.number() }),
]);
export type JournalLine = z.infer<typeof journalLine>;

/** `autopilot.journal.ndjson` beside `autopilot.db`. */
export function journalPath(file: string): string {
  return `${file.replace(/\.db$/, '')}.journal.ndjson`;
}

/** Whether a row matches its checksum. Only its own columns count, so rows of earlier schema versions pass too. */
export function isSealed(row: SealedRow): boolean {
  const values = Object.entries(row).flatMap(([name, item]) =>
    name === 'checksum' || (name === 'id' && typeof item === 'number') ? [] : [item],
  );
  return row.checksum === checksumOf(values);
}

export function keyOf(table: TableName, row: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(storedTables[table].key.map((name) => row[name] ?? null));
}

export function goneLine(table: TableName, key: string): JournalLine {
  const gone = z.array(value).parse(JSON.parse(key));
  return { table, gone, checksum: checksumOf([table, ...gone]) };
}

export type Rows = Map<TableName, Map<string, SealedRow>>;

export interface Journal {
  /** Null where its first line cannot be read. */
  header: z.infer<typeof journalHeader> | null;
  /** The latest version of each row. */
  rows: Rows;
  /** Keys of the rows that were removed, by table. */
  gone: Map<TableName, Set<string>>;
  /** Number of lines that cannot be read or whose checksum does not match. */
  damaged: number;
}

/** Reads a whole journal; null if there is none. Damaged lines are skipped and counted. */
export function readJournal(path: string): Journal | null {
  if (!existsSync(path)) return null;
  const journal: Journal = { header: null, rows: new Map(), gone: new Map(), damaged: 0 };
  let first = true;
  for (const line of linesOf(path)) {
    const text = parsed(line);
    if (first) {
      first = false;
      journal.header = journalHeader.safeParse(text).data ?? null;
      if (journal.header !== null) continue;
    }
    if (line === '') continue;
    const read = journalLine.safeParse(text).data;
    if (read === undefined || !take(journal, read)) journal.damaged += 1;
  }
  return journal;
}

function take({ rows, gone }: Journal, line: JournalLine): boolean {
  const { table } = line;
  const removed = gone.get(table) ?? new Set();
  gone.set(table, removed);
  const own = rows.get(table) ?? new Map<string, SealedRow>();
  rows.set(table, own);
  if ('gone' in line) {
    if (line.checksum !== checksumOf([table, ...line.gone])) return false;
    own.delete(JSON.stringify(line.gone));
    removed.add(JSON.stringify(line.gone));
    return true;
  }
  if (!isSealed(line.row)) return false;
  const key = keyOf(table, line.row);
  own.set(key, line.row);
  removed.delete(key);
  return true;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type * as z from 'zod';
import { AutopilotError } from '../../src/domain/errors.ts';
import { repairAdvice } from '../errors.ts';
import { storeId } from '../run-folders.ts';
import { journalHeader, journalPath } from './format.ts';

/** Number of bytes at a journal's end that are searched for its newest event. */
export const tailBytes = 2 ** 20;

/** A journal's first line; null if it is missing or unreadable. */
export function headOf(path: string): z.infer<typeof journalHeader> | null {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return null;
  try {
    return journalHeader.safeParse(JSON.parse(textOf(path, 0, 500).split('\n')[0] ?? '')).data ?? null;
  } catch {
    return null;
  }
}

/** The highest event number in a journal's tail; null if it holds no event. */
export function newestEventIn(path: string): number | null {
  const { size } = statSync(path);
  const tail = textOf(path, Math.max(0, size - tailBytes), tailBytes);
  const numbers = [...tail.matchAll(/^\{"table":"event","row":\{"sequence":(\d+),/gm)].map(([, number]) =>
    Number(number),
  );
  return numbers.length === 0 ? null : numbers.reduce((most, one) => Math.max(most, one));
}

export interface NewestInJournal {
  store: string;
  sequence: number;
}

/** The newest event in a store's journal; null if there is none or it cannot be read. */
export function newestInJournal(file: string): NewestInJournal | null {
  const path = journalPath(file);
  const header = headOf(path);
  const sequence = header === null ? null : newestEventIn(path);
  return header === null || sequence === null ? null : { store: header.store, sequence };
}

/** Refuses a database that was replaced by an earlier copy of itself: it would assign event numbers a second time. */
export function refuseOlder(database: Database, file: string, newest: NewestInJournal | null): void {
  const older = olderThanJournal(database, file, newest);
  if (older === null) return;
  throw new AutopilotError(
    'store.older',
    `${older}. Nothing was changed. Bring it up to date: ${repairAdvice(file)}. Or, to continue from the older copy, move the journal away.`,
  );
}

/** A message on how far a database lags behind its journal; null if it does not. Read `newest` before the database. */
export function olderThanJournal(database: Database, file: string, newest: NewestInJournal | null): string | null {
  if (newest === null || newest.store !== storeId(database)) return null;
  const own = Number(database.prepare('SELECT coalesce(max(sequence), 0) FROM event').pluck().get());
  if (own >= newest.sequence) return null;
  return `${file} is older than its journal ${journalPath(file)}: it has ${own} events, and the journal ${newest.sequence}`;
}

function textOf(path: string, from: number, bytes: number): string {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.subarray(0, readSync(file, buffer, 0, bytes, from)).toString('utf8');
  } finally {
    closeSync(file);
  }
}

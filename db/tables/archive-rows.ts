import type { Database } from 'better-sqlite3';
import { checksumsUpdate } from '../journal/checksums.ts';
import { isStored, storedTables, tableNames } from '../schema/stored-tables.ts';
import { readStudyEvent } from '../study-event.ts';
import { encode } from './codecs.ts';

/** A table's row as SQLite keeps it. */
export type RawRow = Record<string, string | number | null>;
export interface ArchivedRow {
  table: string;
  row: RawRow;
}

/** The tables with a study's rows, parents first, each with the condition that selects them. */
const tables = new Map<string, string>();
for (const [table, of] of [
  ...tableNames.map((name) => [name, storedTables[name].of] as const),
  ['system_sample', 'run_id'] as const,
]) {
  if (of !== undefined)
    tables.set(table, of === 'run_id' ? 'run_id IN (SELECT id FROM run WHERE study_id = ?)' : `${of} = ?`);
}

/** Copies raw rows out of a store and into another. */
export function archiveRows(database: Database) {
  return {
    /** All rows of one study, in an order in which they can be inserted. */
    rawRowsOf(studyId: string): ArchivedRow[] {
      return [...tables].flatMap(([table, where]) =>
        database
          .prepare<[string], RawRow>(`SELECT * FROM ${table} WHERE ${where} ORDER BY ${ordered(database, table)}`)
          .all(studyId)
          // An archive has checksums of its own.
          .map(({ checksum: _, ...row }) => ({ table, row })),
      );
    },
    /** Inserts the rows in one transaction. If their event numbers are taken, all are shifted past the last one. */
    insertRawRows(rows: readonly ArchivedRow[]): void {
      const columns = new Map(
        [...tables.keys()].map((table) => [
          table,
          database.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table).map(String),
        ]),
      );
      const sequences = rows.filter(({ table }) => table === 'event').map(({ row }) => Number(row.sequence));
      const last = Number(database.prepare('SELECT coalesce(max(sequence), 0) FROM event').pluck().get());
      const shift = sequences.length > 0 && sequences[0]! <= last ? last : 0;
      database
        .transaction(() => {
          for (const { table, row } of rows) {
            const known = columns.get(table);
            if (known === undefined) throw new RangeError(`it has rows of an unknown table "${table}"`);
            const unknown = Object.keys(row).find((name) => !known.includes(name));
            if (unknown !== undefined) throw new RangeError(`its table ${table} has an unknown column "${unknown}"`);
            const moved = shifted(table, row, shift);
            const names = Object.keys(moved);
            const values = names.map((name) => `@${name}`).join(', ');
            database.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${values})`).run(moved);
          }
          const study = rows.find(({ table }) => table === 'study')?.row.id;
          for (const [table, where] of tables) {
            if (isStored(table)) database.prepare(`${checksumsUpdate(database, table)} WHERE ${where}`).run(study);
          }
        })
        .immediate();
    },
  };
}

/** The order of a table's rows: by key in a WITHOUT ROWID table, otherwise by `rowid`, as they were written. */
function ordered(database: Database, table: string): string {
  const key = database.prepare('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk').pluck().all(table);
  const keyed = database.prepare('SELECT wr FROM pragma_table_list WHERE name = ?').pluck().get(table) === 1;
  return keyed ? key.join(', ') : 'rowid';
}

/** A payload that names other events has those numbers shifted too. */
function shiftedPayload({ type, payload }: RawRow, shift: number): string {
  const event = readStudyEvent(String(type), JSON.parse(String(payload)));
  if (event.type !== 'study.reopened') return String(payload);
  return encode({ ...event, dropped: event.dropped.map((sequence) => sequence + shift) });
}

function shifted(table: string, row: RawRow, shift: number): RawRow {
  if (table === 'event') return { ...row, sequence: Number(row.sequence) + shift, payload: shiftedPayload(row, shift) };
  if (table === 'decision') return { ...row, event_sequence: Number(row.event_sequence) + shift };
  // Nothing refers to these ids, so the store assigns its own.
  return table === 'artifact' || table === 'note' ? { ...row, id: null } : row;
}

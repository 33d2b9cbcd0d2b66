import type { Database } from 'better-sqlite3';
import { messageOf } from '../../src/domain/errors.ts';
import { rowsChanged } from '../errors.ts';
import { checkedColumns, checksumOf, checksumSql } from '../journal/checksums.ts';
import { changedWords } from '../journal/damage.ts';
import { isStored } from '../schema/stored-tables.ts';
import type { Codec } from './codecs.ts';

/** Values that SQLite stores unchanged. */
type Raw = string | number | null;

/** Codecs: required for fields that SQLite cannot store unchanged, optional for the others. */
type Codecs<Row> = { [Name in keyof Row as Row[Name] extends Raw ? never : Name]-?: Codec } & {
  [Name in keyof Row]?: Codec;
};

export interface InsertOptions {
  /** `REPLACE` overwrites a record with the same key. */
  or?: 'ABORT' | 'REPLACE';
  /** An `ON CONFLICT` clause. */
  conflict?: string;
}

/**
 * Reads and writes a table's rows as records: the column `run_id` becomes the field `runId`. An id that SQLite assigns
 * (`id INTEGER PRIMARY KEY`) is not a field. `computed` fields are SQL expressions, read but never written. A row whose
 * checksum does not match is refused (`store.damaged`).
 */
export function recordTable<Row extends object>(
  database: Database,
  table: string,
  codecs: Codecs<Row>,
  computed: { [Name in keyof Row]?: string } = {},
) {
  const checked = isStored(table) ? table : null;
  const columns =
    checked === null
      ? database.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table)
      : checkedColumns(database, checked);
  const fields = columns.map(fieldOf);
  const selected = [...columns, ...(checked === null ? [] : ['checksum']), ...Object.values(computed)].join(', ');
  const computedFields = Object.keys(computed);
  const coded = Object.entries<Codec>(codecs);

  /** The type `Codecs` guarantees that the decoded fields form a record. */
  function decoded(values: unknown[]): Row {
    const row: Record<string, unknown> = {};
    for (const [index, field] of fields.entries()) row[field] = values[index];
    for (const [index, field] of computedFields.entries())
      row[field] = values[values.length - computedFields.length + index];
    if (checked !== null && values[columns.length] !== checksumOf(values.slice(0, columns.length))) {
      const named = Object.fromEntries(columns.map((column, index) => [column, values[index]]));
      throw rowsChanged(database.name, changedWords([{ table: checked, row: named }]));
    }
    for (const [field, { decode }] of coded) {
      try {
        row[field] = decode(row[field]);
      } catch (cause) {
        const where = columns.slice(0, 3).map((column) => `${column} ${String(row[fieldOf(column)]).slice(0, 60)}`);
        throw rowsChanged(
          database.name,
          `the field ${field} of the row ${where.join(', ')} in its table ${table} cannot be read (${messageOf(cause).slice(0, 100)})`,
          cause,
        );
      }
    }
    return row as Row;
  }

  return {
    /** A query for whole records; `clause` is everything after the table's name. */
    select<Values extends unknown[]>(clause: string) {
      const statement = database.prepare<Values, unknown[]>(`SELECT ${selected} FROM ${table} ${clause}`).raw();
      return {
        all: (...values: Values): Row[] => statement.all(...values).map(decoded),
        get(...values: Values): Row | undefined {
          const row = statement.get(...values);
          return row && decoded(row);
        },
      };
    },

    /** Returns a function that inserts records. Omitted fields are NULL. */
    insertion({ or = 'ABORT', conflict = '' }: InsertOptions = {}) {
      const parameters = fields.map((field) => `@${field}`);
      const statement = database.prepare(
        `INSERT OR ${or} INTO ${table} (${[...columns, ...(checked === null ? [] : ['checksum'])].join(', ')})
         VALUES (${[...parameters, ...(checked === null ? [] : [checksumSql(parameters)])].join(', ')}) ${conflict}`,
      );
      const empty = Object.fromEntries(fields.map((field) => [field, null]));
      return (record: Partial<Row>): void => {
        const values: Record<string, unknown> = { ...empty, ...record };
        for (const [field, { encode }] of coded) values[field] = encode(values[field]);
        statement.run(values);
      };
    },

    /** Changes fields of the rows that match `where`; returns their number. */
    update(where: Partial<Row>, changed: Partial<Row>): number {
      const equal = (record: Partial<Row>) =>
        Object.keys(record).map((field) => `${columns[fields.indexOf(field)]} = ?`);
      const values = [...Object.entries(changed), ...Object.entries(where)].map(([field, value]) => {
        const codec = coded.find(([name]) => name === field)?.[1];
        return codec === undefined ? value : codec.encode(value);
      });
      return database
        .prepare(`UPDATE ${table} SET ${equal(changed).join(', ')} WHERE ${equal(where).join(' AND ')}`)
        .run(...values).changes;
    },
  };
}

function fieldOf(column: string): string {
  return column.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

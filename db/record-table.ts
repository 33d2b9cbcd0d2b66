import type { Database } from 'better-sqlite3';
import { AutopilotError, messageOf } from '../src/domain/errors.ts';
import type { Codec } from './codecs.ts';

/** What SQLite keeps as it is. */
type Raw = string | number | null;

/** A codec for every field that SQLite cannot keep as it is, and for others that need one. */
type Codecs<Row> = { [Name in keyof Row as Row[Name] extends Raw ? never : Name]-?: Codec } & {
  [Name in keyof Row]?: Codec;
};

export interface InsertOptions {
  /** `REPLACE` puts the record in the place of one with the same key. */
  or?: 'ABORT' | 'REPLACE';
  /** An `ON CONFLICT` clause. */
  conflict?: string;
}

/**
 * A table whose rows are read and written as records: the column `run_id` is the field `runId`. A number that SQLite
 * gives (`id INTEGER PRIMARY KEY`) is no field. `computed` fields are SQL expressions, read and never written.
 */
export function recordTable<Row extends object>(
  database: Database,
  table: string,
  codecs: Codecs<Row>,
  computed: { [Name in keyof Row]?: string } = {},
) {
  const columns = database
    .prepare<[string], string>("SELECT name FROM pragma_table_info(?) WHERE NOT (name = 'id' AND type = 'INTEGER')")
    .pluck()
    .all(table);
  const fields = columns.map(fieldOf);
  const selected = [
    ...columns.map((column) => `${column} AS ${fieldOf(column)}`),
    ...Object.entries(computed).map(([field, expression]) => `${expression} AS ${field}`),
  ].join(', ');
  const coded = Object.entries<Codec>(codecs);

  /** In place; `Codecs` sees to it that the fields are a record's then. */
  function decoded(row: Record<string, unknown>): Row {
    for (const [field, { decode }] of coded) {
      try {
        row[field] = decode(row[field]);
      } catch (cause) {
        const where = columns.slice(0, 3).map((column) => `${column} ${String(row[fieldOf(column)]).slice(0, 60)}`);
        throw new AutopilotError(
          'store.damaged',
          `${database.name} is damaged: the field ${field} of the row ${where.join(', ')} in its table ${table} cannot be read (${messageOf(cause).slice(0, 100)}). Put a copy of the database back.`,
          { cause },
        );
      }
    }
    return row as Row;
  }

  return {
    /** A query for whole records; the clause is all that follows the table's name. */
    select<Values extends unknown[]>(clause: string) {
      const statement = database.prepare<Values, Record<string, unknown>>(`SELECT ${selected} FROM ${table} ${clause}`);
      return {
        all: (...values: Values): Row[] => statement.all(...values).map(decoded),
        get(...values: Values): Row | undefined {
          const row = statement.get(...values);
          return row && decoded(row);
        },
      };
    },

    /** An insertion of whole records. Fields that are left out are NULL. */
    insertion({ or = 'ABORT', conflict = '' }: InsertOptions = {}) {
      const statement = database.prepare(
        `INSERT OR ${or} INTO ${table} (${columns.join(', ')})
         VALUES (${fields.map((field) => `@${field}`).join(', ')}) ${conflict}`,
      );
      const empty = Object.fromEntries(fields.map((field) => [field, null]));
      return (record: Partial<Row>): void => {
        const values: Record<string, unknown> = { ...empty, ...record };
        for (const [field, { encode }] of coded) values[field] = encode(values[field]);
        statement.run(values);
      };
    },
  };
}

function fieldOf(column: string): string {
  return column.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

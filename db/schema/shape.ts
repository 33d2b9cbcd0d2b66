import Database from 'better-sqlite3';
import { migrate } from './migrations.ts';

/** The columns of each table, by its name: what a bit that turns over in the schema's own text changes. */
type Shape = ReadonlyMap<string, string>;

let expected: Shape | undefined;

/** The first table whose columns are not those of this program's schema; null where all are. */
export function oddTable(database: Database.Database): string | null {
  expected ??= currentShape();
  const found = shapeOf(database);
  for (const [table, columns] of expected) if (found.get(table) !== columns) return table;
  return null;
}

/** The columns of a table in this program's schema, in their order. */
export function columnsOf(table: string): string[] {
  expected ??= currentShape();
  return (expected.get(table) ?? '').split(', ').map((column) => column.split(' ')[0] ?? '');
}

function currentShape(): Shape {
  const empty = new Database(':memory:');
  migrate(empty, ':memory:');
  const shape = shapeOf(empty);
  empty.close();
  return shape;
}

function shapeOf(database: Database.Database): Shape {
  const rows = database
    .prepare<[], [table: string, columns: string]>(
      `SELECT own.name, group_concat(own_column.name || ' ' || own_column.type || ' ' || own_column.pk, ', ' ORDER BY own_column.cid)
       FROM sqlite_schema AS own JOIN pragma_table_info(own.name) AS own_column
       WHERE own.type = 'table' AND own.name NOT LIKE 'sqlite%' GROUP BY own.name`,
    )
    .raw()
    .all();
  return new Map(rows);
}

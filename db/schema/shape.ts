import Database from 'better-sqlite3';
import { migrations, schemaVersion } from './migrations.ts';

/** The columns of each table, by table name: comparing them detects a flipped bit in the schema's own text. */
type Shape = ReadonlyMap<string, string>;

const shapes = new Map<number, Shape>();

/** The first table whose columns differ from those of its schema version; null if none do. */
export function oddTable(database: Database.Database, version: number): string | null {
  const found = shapeOf(database);
  for (const [table, columns] of shapeAt(version)) if (found.get(table) !== columns) return table;
  return null;
}

/** The columns of a table in this program's schema, in order. */
export function columnsOf(table: string): string[] {
  return (shapeAt(schemaVersion).get(table) ?? '').split(', ').map((column) => column.split(' ')[0] ?? '');
}

function shapeAt(version: number): Shape {
  const known = shapes.get(version);
  if (known !== undefined) return known;
  const empty = new Database(':memory:');
  for (const statements of migrations.slice(0, version)) empty.exec(statements);
  const shape = shapeOf(empty);
  empty.close();
  shapes.set(version, shape);
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

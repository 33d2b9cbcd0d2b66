import { mkdtempSync, readFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** The studies and comparisons of `test/fixtures/projects`. */
export const storedNames = {
  ended: 'ended',
  halfway: 'halfway',
  byHand: 'by-hand',
  comparison: 'policies',
  unfinishedComparison: 'unfinished',
};

/** The schema versions whose stores are kept as fixtures. */
export const storedSchemas = [2, 7] as const;
export type StoredSchema = (typeof storedSchemas)[number];

/**
 * A project folder with a store as an earlier version would have left it in this folder on this host. `change` is SQL
 * that is run before any program sees the store.
 */
export function projectOfSchema(version: StoredSchema, change = ''): string {
  const folder = mkdtempSync(join(tmpdir(), `project-of-schema-${version}-`));
  const database = new Database(join(folder, 'autopilot.db'));
  database.exec(readFileSync(new URL(`../fixtures/projects/schema-${version}.sql`, import.meta.url), 'utf8'));
  database
    .prepare("UPDATE study SET directory = ?, versions = json_set(versions, '$.host', ?)")
    .run(folder, hostname());
  database.exec(change);
  database.close();
  return folder;
}

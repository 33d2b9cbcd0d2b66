import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import { AutopilotError, messageOf } from '../src/domain/errors.ts';
import { repairAdvice } from './errors.ts';

/** The owner as recorded in `run.json`; earlier versions recorded no store. */
const ownerSchema = z.object({
  runId: z.string(),
  store: z.object({ id: z.string(), project: z.string() }).optional(),
});
type Owner = z.infer<typeof ownerSchema>;

interface RunFolder {
  path: string;
  owner: Owner;
}

/**
 * The folders in a project's `runs`, sorted. List them before opening the store: runs are stored before folders are
 * made.
 */
export function runFolders(project: string): string[] {
  const runs = join(project, 'runs');
  try {
    return existsSync(runs)
      ? readdirSync(runs)
          .sort()
          .map((name) => join(runs, name))
      : [];
  } catch (thrown) {
    throw new AutopilotError('store.runs', `${runs} cannot be listed: ${messageOf(thrown)}. Check its permissions.`, {
      cause: thrown,
    });
  }
}

/**
 * Refuses to create a store where one was lost: the file is missing or empty, but its log or its runs are there. Call
 * it before SQLite opens the file, which would remove the log.
 */
export function refuseLostStore(file: string, folders: readonly string[]): void {
  const bytes = sizeOf(file);
  if (bytes !== null && bytes > 0) return;
  const state = bytes === null ? 'does not exist' : 'is empty (0 bytes)';
  if ((sizeOf(`${file}-wal`) ?? 0) > 0) {
    throw new AutopilotError(
      'store.lost',
      `${file} ${state}, but its log ${file}-wal holds what was stored last. Nothing was changed. Restore the database from a copy, or rebuild it from its journal and its runs: ${repairAdvice(file)}. To start afresh, move its log, its journal and its runs folder away.`,
    );
  }
  const left = folders.flatMap(readFolder);
  const [first] = left;
  if (first === undefined) return;
  const runs = dirname(first.path);
  throw new AutopilotError(
    'store.lost',
    `${file} ${state}, and ${runs} holds runs of ${nameOf(first.owner)}: ${listed(left)}. Nothing was changed. Restore the database from a copy, or rebuild it from its journal and its runs: ${repairAdvice(file)}. To start afresh, move the old runs away: mv ${runs} ${runs}-old. If another project uses that folder, give this one a runs folder of its own.`,
  );
}

export interface RequireOwnRunsOptions {
  database: Database;
  /** The store's file, or `:memory:`. */
  file: string;
  folders: readonly string[];
  /** A viewer may read a store beside others' runs, unless none of the runs there is the store's own. */
  viewer: boolean;
}

/** Refuses run folders of another store, and folders that this store made but does not know. */
export function requireOwnRuns({ database, file, folders, viewer }: RequireOwnRunsOptions): void {
  const knows = database.prepare<[string], number>('SELECT 1 FROM run WHERE id = ?').pluck();
  const isKnown = (id: string) => knows.get(id) !== undefined;
  const unnamed = folders.filter((path) => !isKnown(path.slice(dirname(path).length + 1)));
  const unknown = unnamed.flatMap(readFolder).filter(({ owner }) => !isKnown(owner.runId));
  const someOwn = unnamed.length < folders.length;
  if (unknown.length === 0 || (viewer && someOwn)) return;
  const id = storeId(database);
  // Runs of earlier versions name no store: they are accepted beside this store's own.
  const foreign = unknown.filter(({ owner: { store } }) => (store === undefined ? !someOwn : store.id !== id));
  if (foreign[0] !== undefined) {
    throw new AutopilotError(
      'store.foreignRuns',
      `${dirname(foreign[0].path)} holds runs of ${nameOf(foreign[0].owner)}, not of ${file} (store ${id}): ${listed(foreign)}. Nothing was changed. If this is the wrong database, put the right one back; if two projects share this folder, give each a runs folder of its own; if those runs are not needed, move them away.`,
    );
  }
  const newer = unknown.filter(({ owner: { store } }) => store?.id === id);
  if (newer[0] !== undefined) {
    throw new AutopilotError(
      'store.older',
      `${file} is older than the runs in ${dirname(newer[0].path)}: it does not know ${listed(newer)}. Nothing was changed. Put the newer database back, or bring this one up to date from its journal and its runs: ${repairAdvice(file)}. To train them again, move these folders away.`,
    );
  }
}

/** The random id that a store received when it was created, or migrated from a version without one. */
export function storeId(database: Database): string {
  return String(database.prepare('SELECT id FROM store').pluck().get());
}

/** Empty for a folder that is not a run's. */
function readFolder(path: string): RunFolder[] {
  try {
    const parsed = ownerSchema.safeParse(JSON.parse(readFileSync(join(path, 'run.json'), 'utf8')));
    return parsed.success ? [{ path, owner: parsed.data }] : [];
  } catch {
    return [];
  }
}

function nameOf({ store }: Owner): string {
  return store === undefined ? 'another store' : `the store ${store.id} of the project ${store.project}`;
}

function listed(folders: readonly RunFolder[]): string {
  const names = folders.slice(0, 3).map(({ path }) => path.slice(dirname(path).length + 1));
  return folders.length > 3 ? `${names.join(', ')} and ${folders.length - 3} more` : names.join(', ');
}

function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}

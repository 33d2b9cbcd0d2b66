import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { AutopilotError } from '../src/domain/errors.ts';
import { sqliteCode, storeError } from './errors.ts';
import { sharedFileSystem } from './file-system.ts';
import { keepChecksums } from './journal/checksums.ts';
import { prove } from './journal/prove.ts';
import { newestInJournal, refuseOlder } from './journal/tail.ts';
import { refuseLostStore, requireOwnRuns, runFolders } from './run-folders.ts';
import { migrate, schemaVersion, versionOf } from './schema/migrations.ts';

export interface OpenOptions {
  /** The database file, or `:memory:`. */
  path: string;
  /** For viewers: never creates, migrates or writes. */
  readOnly?: boolean;
  /** Checks all of it, whatever its size. */
  whole?: boolean;
}

/** Milliseconds to wait for another process's transaction. */
const busyTimeoutMs = 10_000;

export function openDatabase({ path, readOnly = false, whole = false }: OpenOptions): Database.Database {
  if (path === ':memory:') return openForWriting(path);
  const file = resolve(path);
  const folders = runFolders(dirname(file));
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw isFolder(file);
    refuseLostStore(file, folders);
    // Read first, so that a concurrent commit cannot make the database look older than its journal.
    const newest = newestInJournal(file);
    const database = readOnly ? openForReading(file, whole) : openForWriting(file);
    try {
      if (!readOnly || whole) refuseOlder(database, file, newest);
      requireOwnRuns({ database, file, folders, viewer: readOnly && !whole });
      return database;
    } catch (thrown) {
      database.close();
      throw thrown;
    }
  } catch (thrown) {
    throw storeError(thrown, file);
  }
}

function isFolder(file: string): AutopilotError {
  return new AutopilotError(
    'store.isFolder',
    `${file} is a folder, not a database. Move it away and put the database back, or choose another project with --project.`,
  );
}

function openForWriting(file: string): Database.Database {
  const folder = dirname(file);
  if (file !== ':memory:' && !existsSync(folder)) {
    throw new AutopilotError(
      'store.noFolder',
      `The folder ${folder} does not exist. Create it, or choose another with --project.`,
    );
  }
  if (file !== ':memory:' && existsSync(file)) proveUnchanged(file);
  const database = new Database(file, { timeout: busyTimeoutMs });
  try {
    versionOf(database, file);
    // A write-ahead log corrupts on network file systems (sqlite.org/wal.html), so they get a rollback journal.
    database.pragma(`journal_mode = ${sharedFileSystem(folder) === null ? 'WAL' : 'DELETE'}`);
    // A file in WAL mode opens as NORMAL, which may lose the last commits in a power failure.
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    migrate(database, file);
    keepChecksums(database);
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

/** Checks the file before anything is written: even closing a writable connection folds the log into the file. */
function proveUnchanged(file: string): void {
  // Changes that a crash left in a rollback journal must be rolled back before the file can be read.
  const rollBack = existsSync(`${file}-journal`);
  const database = new Database(file, { readonly: !rollBack, fileMustExist: true, timeout: busyTimeoutMs });
  try {
    prove(database, file);
  } finally {
    database.close();
  }
}

function openForReading(file: string, whole: boolean): Database.Database {
  if (!existsSync(file)) {
    throw new AutopilotError(
      'store.missing',
      `${file} does not exist: no study has been run in this folder yet. Start one with: autopilot run study.yaml, or name the folder with --project.`,
    );
  }
  const database = openReadable(file);
  try {
    prove(database, file, { whole });
    if (versionOf(database, file) < schemaVersion) return migratedCopy(database, file);
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

/** A store of an earlier version, migrated in memory so that reading changes no file. */
function migratedCopy(database: Database.Database, file: string): Database.Database {
  const bytes = database.serialize();
  database.close();
  const copy = new Database(withoutLog(bytes));
  migrate(copy, file);
  copy.pragma('query_only = ON');
  return copy;
}

/** Bytes 18 and 19 of the header: 2 asks for a write-ahead log, 1 does not (sqlite.org/fileformat.html). */
function withoutLog(bytes: Buffer): Buffer {
  bytes[18] = 1;
  bytes[19] = 1;
  return bytes;
}

/**
 * Even reading a write-ahead log writes beside the file. If the folder is not writable and the log is folded in (as
 * after every clean exit), a copy in memory serves as well.
 */
function openReadable(file: string): Database.Database {
  const database = new Database(file, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return database;
  } catch (thrown) {
    database.close();
    const code = sqliteCode(thrown) ?? '';
    const logged = existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0;
    if (logged || !(code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY'))) throw thrown;
    return new Database(withoutLog(readFileSync(file)), { readonly: true });
  }
}

import { dirname, resolve } from 'node:path';
import type { Database } from 'better-sqlite3';
import { messageOf } from '../src/domain/errors.ts';
import { repairAdvice, sqliteCode, storeDamaged, storeError } from './errors.ts';
import { storeJournal } from './journal/journal.ts';
import { newestInJournal, olderThanJournal } from './journal/tail.ts';
import { type OpenOptions, openDatabase } from './open.ts';
import { requireOwnRuns, runFolders, storeId } from './run-folders.ts';
import { studySummary } from './study-summary.ts';
import { archiveRows } from './tables/archive-rows.ts';
import { artifactTable } from './tables/artifacts.ts';
import { attemptTable } from './tables/attempts.ts';
import { changeStamps } from './tables/change-stamps.ts';
import { decisionTable } from './tables/decisions.ts';
import { epochTable } from './tables/epochs.ts';
import { evaluationTable } from './tables/evaluations.ts';
import { eventTable } from './tables/events.ts';
import { iterationTable } from './tables/iterations.ts';
import { leaseTable } from './tables/leases.ts';
import { noteTable } from './tables/notes.ts';
import { runTable } from './tables/runs.ts';
import { studyTable } from './tables/studies.ts';
import { systemSampleTable } from './tables/system-samples.ts';
import { trainingTime } from './tables/training-time.ts';
import { trustTable } from './tables/trust.ts';

export type Store = ReturnType<typeof openStore>;

/**
 * Opens a project's store. Refused if the run folders beside it belong to another store, or to this one and its file is
 * lost. Every method is synchronous; a database failure is thrown as an AutopilotError that names the file.
 */
export function openStore({ path, readOnly = false, whole = false }: OpenOptions) {
  const database = openDatabase({ path, readOnly, whole });
  try {
    return storeOf(database, { path, readOnly });
  } catch (thrown) {
    database.close();
    // The schema version is current, but a table has lost a column or its name.
    const damaged = sqliteCode(thrown) === 'SQLITE_ERROR';
    throw damaged ? storeDamaged(path, `its schema is incomplete (${messageOf(thrown)})`) : storeError(thrown, path);
  }
}

function storeOf(database: Database, { path, readOnly }: Required<Omit<OpenOptions, 'whole'>>) {
  const folder = path === ':memory:' ? null : dirname(resolve(path));
  const id = storeId(database);
  const journal = readOnly || folder === null ? null : storeJournal(database, resolve(path), id);
  const transaction = <T>(work: () => T): T =>
    database
      .transaction(() => {
        journal?.tidy();
        return work();
      })
      .immediate();
  const methods = {
    ...studyTable(database),
    ...eventTable(database),
    ...iterationTable(database),
    ...runTable(database),
    ...attemptTable(database, folder),
    ...epochTable(database),
    ...evaluationTable(database),
    ...decisionTable(database),
    ...systemSampleTable(database),
    ...artifactTable(database, folder),
    ...noteTable(database),
    ...leaseTable(database),
    ...trustTable(database),
    ...studySummary(database),
    ...trainingTime(database),
    ...changeStamps(database),
    ...archiveRows(database),
    /** All or nothing, and on disk when it returns. */
    transaction,
    /**
     * All or nothing, but without waiting for the disk: for measurements (epochs, samples), which can be read again
     * from the run directory.
     */
    batch<T>(work: () => T): T {
      database.pragma('synchronous = NORMAL');
      try {
        return transaction(work);
      } finally {
        database.pragma('synchronous = FULL');
      }
    },
    /** Refuses a project folder whose `runs/` belong to another store. */
    requireOwnRuns: (project: string): void =>
      requireOwnRuns({ database, file: path, folders: runFolders(project), viewer: readOnly }),
    /** A warning that an older copy has replaced the database; null if none has. */
    olderThanJournal: (): string | null => {
      if (folder === null) return null;
      const newest = newestInJournal(resolve(path));
      const older = olderThanJournal(database, resolve(path), newest);
      return older && `${older}. Bring it up to date: ${repairAdvice(resolve(path))}`;
    },
    /** Changes whenever another process writes (SQLite's data_version); viewers watch it. */
    dataVersion: (): number => Number(database.pragma('data_version', { simple: true })),
    close(): void {
      if (database.open) journal?.tidy();
      database.close();
    },
  };
  const tables = explained(path, methods, () => {
    if (!database.inTransaction && database.open) journal?.write();
  });
  return { path, readOnly, id, ...tables };
}

type Methods = Record<string, (...values: never[]) => unknown>;

/** The same methods, with SQLite's errors explained and `after` called when one succeeds. */
function explained<T extends Methods>(path: string, methods: T, after: () => void): T {
  const wrapped: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(methods)) {
    wrapped[name] = (...values: never[]) => {
      try {
        const result = method(...values);
        after();
        return result;
      } catch (thrown) {
        throw storeError(thrown, path);
      }
    };
  }
  return wrapped as T;
}

import { dirname, resolve } from 'node:path';
import { AutopilotError, messageOf } from '../src/domain/errors.ts';
import { installCommand } from '../src/domain/native-parts.ts';
import { shellText } from '../src/domain/text/shell-text.ts';

/** The command that rebuilds a store from its journal and its runs. */
export function repairAdvice(path: string): string {
  return `autopilot doctor --repair --project ${shellText(dirname(resolve(path)))}`;
}

/** Turns an SQLite error into one that names the file and the remedy. Anything else is returned unchanged. */
export function storeError(thrown: unknown, path: string): unknown {
  if (thrown instanceof AutopilotError) return thrown;
  if (lacksAddon(thrown)) {
    const why = messageOf(thrown).split('\n')[0];
    return new AutopilotError(
      'store.noSqlite',
      `SQLite's native part (better-sqlite3) is missing, or was built for another Node (${why}). Build it with: ${installCommand()}`,
      { cause: thrown },
    );
  }
  const code = sqliteCode(thrown);
  if (code === null) return thrown;
  const explained = explain(code, path);
  return explained === null
    ? new AutopilotError('store.failed', `${path}: the database failed (${code}): ${messageOf(thrown)}`, {
        cause: thrown,
      })
    : new AutopilotError(explained.code, explained.message, { cause: thrown });
}

/** True when better-sqlite3 was installed without its install step, or built for another Node. */
function lacksAddon(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const unloadable = 'code' in thrown && thrown.code === 'ERR_DLOPEN_FAILED';
  return unloadable || thrown.message.startsWith('Could not locate the bindings file');
}

function explain(code: string, path: string): { code: string; message: string } | null {
  if (code === 'SQLITE_NOTADB') {
    return {
      code: 'store.damaged',
      message: `${path} is not an autopilot database, or its first page is damaged. Nothing was changed. Restore it from a copy, or rebuild it from its journal and its runs (--dry-run says what would come back): ${repairAdvice(path)}`,
    };
  }
  if (code.startsWith('SQLITE_CORRUPT')) {
    return {
      code: 'store.damaged',
      message: `${path} is damaged (${code}). Nothing was changed. Restore it from a copy, or rebuild it from its journal and its runs (--dry-run says what would come back): ${repairAdvice(path)}`,
    };
  }
  if (code === 'SQLITE_FULL') {
    return {
      code: 'store.diskFull',
      message: `The disk that holds ${path} is full. Everything stored so far is safe. Free some space, then: autopilot resume`,
    };
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_IOERR_WRITE') {
    return {
      code: 'store.readOnly',
      message: `${path} cannot be written. Check the permissions of the file and of its folder ${dirname(path)} (SQLite also writes beside the file), or choose another folder with --project.`,
    };
  }
  if (code.startsWith('SQLITE_CANTOPEN')) {
    return {
      code: 'store.cannotOpen',
      message: `${path} cannot be opened. Check that the folder ${dirname(path)} exists and that you may read and write in it, or choose another with --project.`,
    };
  }
  if (code.startsWith('SQLITE_BUSY')) {
    return {
      code: 'store.busy',
      message: `${path} is locked by another program. Close it (an open sqlite3 shell, a backup) and try again.`,
    };
  }
  if (code.startsWith('SQLITE_IOERR')) {
    return {
      code: 'store.diskFailed',
      message: `Reading or writing ${path} failed (${code}). Check the disk or the network mount, then: autopilot resume`,
    };
  }
  return null;
}

/** The error for a damaged database: what is wrong with it and how to repair it. */
export function storeDamaged(path: string, what: string, cause?: unknown): AutopilotError {
  return new AutopilotError(
    'store.damaged',
    `${path} is damaged: ${what}. Nothing was changed. Restore it from a copy, or rebuild it from its journal and its runs (--dry-run says what would come back): ${repairAdvice(path)}`,
    { cause },
  );
}

/** The error for rows that differ from what was stored; only the journal or a copy still has the original. */
export function rowsChanged(path: string, what: string, cause?: unknown): AutopilotError {
  return new AutopilotError(
    'store.damaged',
    `${path} is damaged: ${what}. Nothing was changed. The journal beside it has the original (--dry-run shows it): ${repairAdvice(path)}. Or restore a copy. To train again from the start, move ${path}, its journal and the runs folder away.`,
    { cause },
  );
}

/** The result code of an error that better-sqlite3 threw, or null. */
export function sqliteCode(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || !('code' in thrown)) return null;
  return typeof thrown.code === 'string' && thrown.code.startsWith('SQLITE_') ? thrown.code : null;
}

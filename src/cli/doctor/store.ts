import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sharedFileSystem } from '../../../db/file-system.ts';
import { openStore } from '../../../db/index.ts';
import { journalPath } from '../../../db/journal/repair.ts';
import { messageOf } from '../../domain/errors.ts';
import { installCommand } from '../../domain/native-parts.ts';
import { storeFileName } from '../project-option.ts';
import { type Check, ok } from './check.ts';

/** better-sqlite3 and its SQLite, and the project's store when there is one. */
export async function storeChecks(project: string): Promise<Check[]> {
  return [await sqliteCheck(), ...projectStore(project)];
}

async function sqliteCheck(): Promise<Check> {
  try {
    const { default: Database } = await import('better-sqlite3');
    const database = new Database(':memory:');
    const version = String(database.prepare('SELECT sqlite_version()').pluck().get());
    database.close();
    return ok('SQLite', `${version} through better-sqlite3`, true);
  } catch (thrown) {
    const fix = `run: ${installCommand()} (it needs python3, make and g++ where no prebuilt binary fits)`;
    return { name: 'SQLite', state: 'broken', detail: messageOf(thrown).split('\n')[0]!, fix, essential: true };
  }
}

function projectStore(project: string): Check[] {
  const path = join(resolve(project), storeFileName);
  const shared = sharedFileSystem(resolve(project));
  const where: Check[] =
    shared === null
      ? []
      : [
          ok(
            'file system',
            `${resolve(project)} is on a shared file system (${shared}): the store uses a rollback journal`,
          ),
        ];
  if (!existsSync(path) && !existsSync(journalPath(path))) return where;
  try {
    const store = openStore({ path, readOnly: true });
    const studies = store.studies().length;
    store.close();
    return [...where, ok('store', `${path}: ${studies === 1 ? '1 study' : `${studies} studies`}`)];
  } catch (thrown) {
    return [...where, { name: 'store', state: 'broken', detail: messageOf(thrown), fix: null, essential: true }];
  }
}

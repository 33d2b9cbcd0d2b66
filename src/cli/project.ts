import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openStore, refuseLostStore, runFolders, type Store, type StudyRecord } from '../../db/index.ts';
import { AutopilotError } from '../domain/errors.ts';
import { storedStudy } from '../engine/study/stored-study.ts';
import { storeFileName } from './project-option.ts';

/** Opens a project's store for reading, and closes it after `use`. */
export function withStore<T>(project: string, use: (store: Store) => T): T {
  const store = openStore({ path: join(resolve(project), storeFileName), readOnly: true });
  try {
    const older = store.olderThanJournal();
    if (older !== null) process.stderr.write(`Warning: what follows may be out of date. ${older}\n`);
    return use(store);
  } finally {
    store.close();
  }
}

/**
 * As `withStore`, but `use` gets null if there never was a store. Throws `store.lost` if only its runs or its log are
 * left.
 */
export function withStoreIfAny<T>(project: string, use: (store: Store | null) => T): T {
  const file = join(resolve(project), storeFileName);
  if (existsSync(file)) return withStore(project, use);
  refuseLostStore(file, runFolders(resolve(project)));
  return use(null);
}

/** The study of this name; without a name, the only one there is. */
export function findStudy(store: Store, name: string | undefined): StudyRecord {
  const studies = store.studies();
  const names = studies.map((study) => study.name);
  if (name === undefined) {
    if (studies.length === 1) return studies[0]!;
    const which =
      studies.length === 0
        ? 'There is no study yet; start one with: autopilot run study.yaml'
        : `Name one of them: ${names.join(', ')}.`;
    throw new AutopilotError('study.unnamed', `${store.path} holds ${studies.length} studies. ${which}`);
  }
  return storedStudy(store, name);
}

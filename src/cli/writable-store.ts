import { join, resolve } from 'node:path';
import { openStore, type Store } from '../../db/index.ts';
import { storeFileName } from './project-option.ts';

/** Opens a project's store, creating it if there is none, and closes it after `use`. */
export async function withWritableStore<T>(project: string, use: (store: Store) => T | Promise<T>): Promise<T> {
  const store = openStore({ path: join(resolve(project), storeFileName) });
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

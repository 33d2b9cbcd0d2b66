import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../db/index.ts';
import { type StoredStudyOptions, storeStudy } from '../../report/stored-study.ts';

/** A project folder with these studies. */
export function projectWith(...studies: StoredStudyOptions[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'stored-project-'));
  const store = openStore({ path: join(folder, 'autopilot.db') });
  for (const study of studies) storeStudy(store, study);
  store.close();
  return folder;
}

/** Adds a comparison of policies to a project. */
export function addComparison(folder: string, name: string): void {
  const store = openStore({ path: join(folder, 'autopilot.db') });
  store.insertStudy({ ...store.studies()[0]!, id: name, name, kind: 'comparison' });
  store.close();
}

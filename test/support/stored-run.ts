import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../../db/index.ts';

/** The id of a stored run by `<study>.<key>`. */
export function idOf(store: Pick<Store, 'run'>, name: string): string {
  const run = store.run(name);
  if (run === undefined) throw new Error(`no run ${name} is stored`);
  return run.id;
}

/** The folder of a run by `<study>.<key>`. */
export function folderOf(project: string, name: string): string {
  const runs = join(project, 'runs');
  const folder = readdirSync(runs).find((each) => each.startsWith(`${name}.`));
  if (folder === undefined) throw new Error(`${runs} has no folder of ${name}`);
  return join(runs, folder);
}

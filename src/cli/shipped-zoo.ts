import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { AutopilotError } from '../domain/errors.ts';
import { listFolder } from '../imgmed/reading/file-format.ts';
import { packageFolder } from '../protocol/package-version.ts';

/** The zoo that comes with the program. */
export function shippedZoo(): string {
  return join(packageFolder(), 'zoo');
}

/** Folders to list where no zoo is named: the project's own, and the one that comes with the program. */
export function ownZoos(own: string): string[] {
  const shipped = shippedZoo();
  const same = existsSync(own) && existsSync(shipped) && realpathSync(own) === realpathSync(shipped);
  return [own, ...(same ? [] : [shipped])].filter((zoo) => existsSync(zoo));
}

/** A model's folder: the one given or, if that is none, the model of this name that comes with the program. */
export function modelFolder(nameOrFolder: string): string {
  if (existsSync(join(nameOrFolder, 'model.json'))) return nameOrFolder;
  const shipped = join(shippedZoo(), nameOrFolder);
  if (/^[\w.-]+$/.test(nameOrFolder) && existsSync(join(shipped, 'model.json'))) return shipped;
  const known = listFolder(shippedZoo()).filter((name) => existsSync(join(shippedZoo(), name, 'model.json')));
  throw new AutopilotError(
    'zoo.model',
    `${nameOrFolder}: holds no model.json, and no model of that name comes with the program; name the folder of a zoo model, or one of ${known.join(', ') || '(none)'}`,
  );
}

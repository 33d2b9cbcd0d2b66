import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';

/** The store's name in a project folder. */
export const storeFileName = 'autopilot.db';

/** `--project DIR` of a command that works on an existing store. */
class StoredProjectOption extends Option {}

/** The variable that names the project folder if `--project` does not. */
const projectVariable = 'AUTOPILOT_PROJECT';

/** `--project DIR` of a command that needs an existing store. Default: the nearest one from this folder upwards. */
export function projectOption(): Option {
  return new StoredProjectOption('--project <folder>', `the folder with ${storeFileName}`)
    .default('.', 'this folder, or the nearest above it that has one')
    .env(projectVariable);
}

/** `--project DIR` of a command that creates the store. Default: see `projectFor`. */
export function newProjectOption(): Option {
  return new Option(
    '--project <folder>',
    `the folder with ${storeFileName} (default: this folder, or the config's, if only that has one)`,
  ).env(projectVariable);
}

/** The project to train a config in: the named one, the config's folder if only that has a store, or this folder. */
export function projectFor(named: string | undefined, configFolder: string): string {
  if (named !== undefined) return named;
  const there = !isProject('.') && isProject(configFolder);
  return there ? relative(process.cwd(), configFolder) || '.' : '.';
}

/** Without `--project`, looks for the store from this folder upwards, and prints where it was found. */
export function lookUpwards(command: Command): void {
  const option = command.options.find((each) => each instanceof StoredProjectOption);
  if (option === undefined || command.getOptionValueSource('project') !== 'default' || isProject('.')) return;
  for (let folder = dirname(resolve('.')); folder !== dirname(folder); folder = dirname(folder)) {
    if (!isProject(folder)) continue;
    command.setOptionValue('project', folder);
    process.stderr.write(`Project: ${folder}\n`);
    return;
  }
}

/** Whether a folder has a store of this user; somebody else may have left one in a folder above, such as /tmp. */
function isProject(folder: string): boolean {
  const path = join(folder, storeFileName);
  return existsSync(path) && (process.getuid === undefined || statSync(path).uid === process.getuid());
}

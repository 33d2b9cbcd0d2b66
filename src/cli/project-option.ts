import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';

/** The store's name in a project folder. */
export const storeFileName = 'autopilot.db';

/** `--project DIR` of a command that works on a store that is there. */
class StoredProjectOption extends Option {}

/** Names the project folder where `--project` does not. */
const projectVariable = 'AUTOPILOT_PROJECT';

/** `--project DIR`, for every command that reads a store: left out, the nearest one from this folder upwards. */
export function projectOption(): Option {
  return new StoredProjectOption('--project <folder>', `the folder with ${storeFileName}`)
    .default('.', 'this folder, or the nearest above it that has one')
    .env(projectVariable);
}

/** The same for a command that makes the store: see `projectFor`. */
export function newProjectOption(): Option {
  return new Option(
    '--project <folder>',
    `the folder with ${storeFileName} (default: this folder, or the config's, if only that has one)`,
  ).env(projectVariable);
}

/** The project of a config that is to be trained: the one that is named, this folder, or the config's if its study began there. */
export function projectFor(named: string | undefined, configFolder: string): string {
  if (named !== undefined) return named;
  const there = !isProject('.') && isProject(configFolder);
  return there ? relative(process.cwd(), configFolder) || '.' : '.';
}

/** Where `--project` is left out, a command that reads looks upwards for the store, and says where it found it. */
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

/** Is there a store of this user? Somebody else may have left one above, in /tmp. */
function isProject(folder: string): boolean {
  const path = join(folder, storeFileName);
  return existsSync(path) && (process.getuid === undefined || statSync(path).uid === process.getuid());
}

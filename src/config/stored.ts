import { dirname, resolve, sep } from 'node:path';
import { AutopilotError } from '../domain/errors.ts';
import { problemsOf } from './problem.ts';
import { type ResolvedStudyConfig, resolveStudyConfig } from './resolve.ts';
import { studyConfig } from './study-config.ts';

/** A study or a comparison of the store: its config is what some version wrote. */
interface Stored {
  name: string;
  config: unknown;
  /** The project folder it was stored in. */
  directory?: string;
}

/**
 * The config that a study was stored with, by this version or an earlier one. A field that came later has its default,
 * which says what was done before there was a choice; one of which that is not true is to be filled in here first.
 * `project`: where the project is now; its own files are looked for there. Throws `config.stored` with one line for each
 * problem.
 */
export function storedConfig({ name, config, directory = '/' }: Stored, project = directory): ResolvedStudyConfig {
  const parsed = studyConfig.safeParse(config);
  if (parsed.success) return resolveStudyConfig(parsed.data, movedPath(directory, project));
  throw new AutopilotError(
    'config.stored',
    [
      `The stored config of "${name}" cannot be read. If a later autopilot wrote it, update this one:`,
      ...problemsOf(parsed.error.issues, config, studyConfig).map(({ message }) => `  ${message}`),
    ].join('\n'),
  );
}

/** Where a file of a project is after its folder was moved; others stay where they are. */
export function movedPath(from: string, to: string): (path: string) => string {
  return (path) => (path === from || path.startsWith(from + sep) ? to + path.slice(from.length) : path);
}

/** The same; null for one that cannot be read. */
export function readableConfig(
  { config, directory = '/' }: Pick<Stored, 'config' | 'directory'>,
  project = directory,
): ResolvedStudyConfig | null {
  const parsed = studyConfig.safeParse(config);
  return parsed.success ? resolveStudyConfig(parsed.data, movedPath(directory, project)) : null;
}

/** The folder that a store lies in now; studies of it may have been stored in another one, from where it was moved. */
export function projectOf({ path }: { path: string }): string | undefined {
  return path === ':memory:' ? undefined : dirname(resolve(path));
}

import { dirname, resolve, sep } from 'node:path';
import { AutopilotError } from '../domain/errors.ts';
import { problemsOf } from './problem.ts';
import { type ResolvedStudyConfig, resolveStudyConfig } from './resolve.ts';
import { studyConfig } from './study-config.ts';

/** A study or a comparison in the store; its config may have been written by any version. */
interface Stored {
  name: string;
  config: unknown;
  /** The project folder it was stored in. */
  directory?: string;
}

/**
 * The config that a study was stored with, by this version or an earlier one. A field added since gets its default,
 * which must mean what was done before there was a choice; a field whose default does not must be filled in here first.
 * `project` is where the project is now; its own files are looked for there. Throws `config.stored` with one line per
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

/** Maps the path of a project's file to its place after the project folder was moved; other paths stay the same. */
export function movedPath(from: string, to: string): (path: string) => string {
  return (path) => (path === from || path.startsWith(from + sep) ? to + path.slice(from.length) : path);
}

/** Like `storedConfig`, but null for a config that cannot be read. */
export function readableConfig(
  { config, directory = '/' }: Pick<Stored, 'config' | 'directory'>,
  project = directory,
): ResolvedStudyConfig | null {
  const parsed = studyConfig.safeParse(config);
  return parsed.success ? resolveStudyConfig(parsed.data, movedPath(directory, project)) : null;
}

/** The folder that a store is in now; its studies may have been stored while it was in another one. */
export function projectOf({ path }: { path: string }): string | undefined {
  return path === ':memory:' ? undefined : dirname(resolve(path));
}

import { basename, dirname, resolve } from 'node:path';
import { crossChecks } from './checks/cross-checks.ts';
import { type ConfigProblem, problemsOf } from './problem.ts';
import { type ResolvedStudyConfig, resolveStudyConfig } from './resolve.ts';
import { type ConfigSource, invalidConfig, readConfigSource, withoutSchema } from './source.ts';
import { studyConfig } from './study-config.ts';

/** A study config that can be run as it is. */
export interface LoadedStudy {
  config: ResolvedStudyConfig;
  /** The config file's folder: where the project's store and runs live. */
  directory: string;
  /** The file's text, verbatim. */
  text: string;
  /** The parsed text, before defaults. */
  value: unknown;
  /** Absolute path of the file; for standard input, `standard input` in the current folder. */
  path: string;
}

/**
 * Reads a study config: a YAML or JSON file, a folder that holds a `study.yaml`, or `-` for standard input. Throws
 * `config.invalid` with one line per problem: file and line, field, value, fix. Paths in the returned config are
 * absolute.
 */
export function loadStudyConfig(path: string): LoadedStudy {
  const source = readConfigSource(path);
  const directory = dirname(source.path);
  const read = check(source.value, directory);
  if ('problems' in read) throw rejected(source, read.problems);
  const { text, value } = source;
  return { config: read.config, directory, text, value, path: source.path };
}

/**
 * The same for a study config that a program builds: fields as in `study.yaml`, paths relative to `directory`. Throws
 * `config.invalid` with one line per problem: field, value, fix.
 */
export function parseStudyConfig(value: unknown, directory = '.'): ResolvedStudyConfig {
  const read = check(withoutSchema(value), resolve(directory));
  if ('config' in read) return read.config;
  throw invalidConfig(
    'The study config',
    read.problems.map(({ message }) => message),
  );
}

function check(value: unknown, directory: string): { config: ResolvedStudyConfig } | { problems: ConfigProblem[] } {
  const parsed = studyConfig.safeParse(value);
  if (!parsed.success) return { problems: problemsOf(parsed.error.issues, value, studyConfig) };
  const config = resolveStudyConfig(parsed.data, directory);
  const problems = crossChecks(config, parsed.data);
  return problems.length > 0 ? { problems } : { config };
}

function rejected(source: ConfigSource, problems: readonly ConfigProblem[]): Error {
  const located = problems.map(({ path, message }) => ({ line: source.lineOf(path), message }));
  located.sort((a, b) => a.line - b.line);
  return invalidConfig(
    source.path,
    located.map(({ line, message }) => `${basename(source.path)}:${line}: ${message}`),
  );
}

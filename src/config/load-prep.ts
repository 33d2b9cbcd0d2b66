import { basename, dirname, resolve } from 'node:path';
import { AutopilotError } from '../domain/errors.ts';
import { problemsOf } from './problem.ts';
import { type PrepConfig, prepConfig } from './sections/prep.ts';
import { invalidConfig, readConfigSource } from './source.ts';

/**
 * Reads a prep config: a file with the pipeline, or a study whose `data` (kind: slices) has a `prep` section; the
 * study's `data.path` is then the output. Paths in the result are absolute.
 */
export function loadPrepConfig(path: string): PrepConfig {
  const source = readConfigSource(path);
  const { value, at } = pipelineOf(source.value, source.path);
  const parsed = prepConfig.safeParse(value);
  const name = basename(source.path);
  if (!parsed.success) {
    const problems = problemsOf(parsed.error.issues, value, prepConfig);
    throw invalidConfig(
      source.path,
      problems.map((problem) => `${name}:${source.lineOf([...at, ...problem.path])}: ${problem.message}`),
    );
  }
  const folder = dirname(source.path);
  return { ...parsed.data, input: resolve(folder, parsed.data.input), output: resolve(folder, parsed.data.output) };
}

function pipelineOf(value: unknown, path: string): { value: unknown; at: string[] } {
  if (!isRecord(value) || !('data' in value)) return { value, at: [] };
  const data = value.data;
  if (isRecord(data) && isRecord(data.prep)) {
    return { value: { output: data.path, ...data.prep }, at: ['data', 'prep'] };
  }
  throw new AutopilotError(
    'config.invalid',
    `${basename(path)}: the study's data has no "prep" section; add one to data of kind slices, or name a prep config`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

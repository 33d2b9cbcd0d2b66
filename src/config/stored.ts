import { AutopilotError } from '../domain/errors.ts';
import { problemsOf } from './problem.ts';
import { type ResolvedStudyConfig, resolveStudyConfig } from './resolve.ts';
import { studyConfig } from './study-config.ts';

/** A study or a comparison of the store: its config is what some version wrote. */
interface Stored {
  name: string;
  config: unknown;
}

/**
 * The config that a study was stored with, by this version or an earlier one. A field that came later has its default,
 * which says what was done before there was a choice; one of which that is not true is to be filled in here first.
 * Throws `config.stored` with one line for each problem.
 */
export function storedConfig({ name, config }: Stored): ResolvedStudyConfig {
  const parsed = studyConfig.safeParse(config);
  // Its paths are absolute already.
  if (parsed.success) return resolveStudyConfig(parsed.data, '/');
  throw new AutopilotError(
    'config.stored',
    [
      `The stored config of "${name}" cannot be read. If a later autopilot wrote it, update this one:`,
      ...problemsOf(parsed.error.issues, config, studyConfig).map(({ message }) => `  ${message}`),
    ].join('\n'),
  );
}

/** The same; null for one that cannot be read. */
export function readableConfig({ config }: Pick<Stored, 'config'>): ResolvedStudyConfig | null {
  const parsed = studyConfig.safeParse(config);
  return parsed.success ? resolveStudyConfig(parsed.data, '/') : null;
}

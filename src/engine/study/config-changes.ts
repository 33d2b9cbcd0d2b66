import { resolveStudyConfig } from '../../config/resolve.ts';
import { studyConfig } from '../../config/study-config.ts';
import { canonicalJson } from '../../domain/hash.ts';

/** What may change between two sessions of a study without changing what its results mean. */
const free = [
  'budget',
  'compare',
  'concurrentRuns',
  'attempts',
  'timeouts',
  'launcher',
  'deploy',
  'compute.threads',
  'placement',
  'memory',
  'checkpoints',
  'trainer.epochMs',
  'trainer.environment',
];

export interface ConfigChange {
  /** `setting.initialLr` */
  field: string;
  before: unknown;
  after: unknown;
  /** A change that leaves the study's results comparable. */
  allowed: boolean;
}

/**
 * The fields in which two configs differ, the deepest that differ each. A field that came with a later version counts
 * with its default on both sides: a default says what was done before there was a choice.
 */
export function configChanges(before: unknown, after: unknown): ConfigChange[] {
  const [filledBefore, filledAfter] = [withDefaults(before), withDefaults(after)];
  // A config that is no longer valid is compared as it was written.
  return filledBefore === null || filledAfter === null
    ? differences(before, after, [])
    : differences(filledBefore, filledAfter, []);
}

/** A stored config has absolute paths, so that no folder is needed to resolve it. Null for one that is not valid. */
function withDefaults(config: unknown): unknown {
  const parsed = studyConfig.safeParse(config);
  return parsed.success ? JSON.parse(JSON.stringify(resolveStudyConfig(parsed.data, '/'))) : null;
}

function differences(before: unknown, after: unknown, path: readonly string[]): ConfigChange[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], [...path, key]));
  }
  if (canonicalJson(before) === canonicalJson(after)) return [];
  const field = path.join('.');
  return [{ field, before, after, allowed: free.some((name) => field === name || field.startsWith(`${name}.`)) }];
}

/** `setting.initialLr: 0.5 → 0.4` */
export function describeChange({ field, before, after }: ConfigChange): string {
  return `${field}: ${show(before)} → ${show(after)}`;
}

function show(value: unknown): string {
  return value === undefined ? 'not given' : canonicalJson(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { canonicalJson } from '../../domain/hash.ts';
import { isSecretName } from '../../domain/secrets.ts';

/** Fields that may change between two sessions of a study without changing what its results mean. */
const free = [
  'budget',
  'compare',
  'scale',
  'cost',
  'notify',
  'concurrentRuns',
  'trainAhead',
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
  /** Whether the study's results stay comparable. */
  allowed: boolean;
}

/** The most deeply nested fields in which two configs differ. */
export function configChanges(before: ResolvedStudyConfig, after: ResolvedStudyConfig): ConfigChange[] {
  return differences(before, after, []);
}

function differences(before: unknown, after: unknown, path: readonly string[]): ConfigChange[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], [...path, key]));
  }
  if (canonicalJson(before) === canonicalJson(after)) return [];
  const field = path.join('.');
  // `check` adds a question about the confirmed setting; a question once asked is not withdrawn.
  const asks = field === 'baseline.extend' && after === 'check';
  return [
    { field, before, after, allowed: asks || free.some((name) => field === name || field.startsWith(`${name}.`)) },
  ];
}

/** `setting.initialLr: 0.5 → 0.4` */
export function describeChange({ field, before, after }: ConfigChange): string {
  if (isSecretName(field.split('.').at(-1) ?? '')) return `${field}: changed`;
  return `${field}: ${show(before)} → ${show(after)}`;
}

function show(value: unknown): string {
  return value === undefined ? 'not given' : canonicalJson(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

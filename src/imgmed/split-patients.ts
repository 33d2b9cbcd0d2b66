import { AutopilotError } from '../domain/errors.ts';
import type { ScanCase } from './datasets/case-list.ts';
import { randomFor, shuffled } from './random.ts';

export const splitNames = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

export interface SplitOptions {
  train: number;
  validation: number;
  test: number;
  folds?: number | undefined;
  fold: number;
  seed: number;
}

export interface PatientSplit {
  /** Patient → split. */
  patients: Record<string, SplitName>;
  /** k-fold: the patients of each fold; empty without folds. */
  folds: string[][];
}

/**
 * Splits by patient, seeded. If a test folder has masks, its patients are the test part, and no others; the same holds
 * for a validation folder, except with folds, which validate on each patient in turn.
 */
export function splitPatients(
  cases: readonly Pick<ScanCase, 'patient' | 'part'>[],
  options: SplitOptions,
): PatientSplit {
  const all = [...new Set(cases.map(({ patient }) => patient))].sort();
  const given = new Map<string, SplitName>();
  for (const named of options.folds === undefined ? (['validation', 'test'] as const) : (['test'] as const)) {
    for (const { patient, part } of cases) if (part === named) given.set(patient, named);
  }
  const free = shuffled(
    all.filter((patient) => !given.has(patient)),
    randomFor(options.seed, 'split'),
  );
  const patients: Record<string, SplitName> = Object.fromEntries(given);
  const held = new Set(given.values());
  const testShare = held.has('test') ? 0 : options.test;
  const validationShare = held.has('validation') ? 0 : options.validation;
  if (options.folds !== undefined) return foldSplit(free, patients, testShare, options, options.folds);
  const [train, validation] = shares(free.length, [options.train, validationShare, testShare]);
  for (const [index, patient] of free.entries()) {
    patients[patient] = index < train! ? 'train' : index < train! + validation! ? 'validation' : 'test';
  }
  return { patients, folds: [] };
}

function foldSplit(
  free: readonly string[],
  patients: Record<string, SplitName>,
  testShare: number,
  { train, validation, fold }: SplitOptions,
  folds: number,
): PatientSplit {
  if (fold >= folds) {
    throw new AutopilotError('prep.fold', `split.fold: must be 0 to ${folds - 1} with ${folds} folds, got ${fold}`);
  }
  const [tested] = shares(free.length, [testShare, train + validation]);
  const rest = free.slice(tested!);
  if (rest.length < folds) {
    throw new AutopilotError(
      'prep.folds',
      `split.folds: ${folds} folds need as many patients, there are ${rest.length}`,
    );
  }
  for (const patient of free.slice(0, tested!)) patients[patient] = 'test';
  const parts = Array.from({ length: folds }, (_, part) => rest.filter((__, index) => index % folds === part));
  for (const [part, names] of parts.entries()) {
    for (const patient of names) patients[patient] = part === fold ? 'validation' : 'train';
  }
  return { patients, folds: parts };
}

/** Divides `total` in proportion (largest remainder); every positive weight gets at least one if possible. */
export function shares(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (!(sum > 0)) throw new AutopilotError('prep.split', 'split: train, validation and test are all 0; raise one');
  const exact = weights.map((weight) => (total * weight) / sum);
  const counts = exact.map(Math.floor);
  const byRemainder = exact
    .map((value, index) => [value - Math.floor(value), index] as const)
    .sort((a, b) => b[0] - a[0]);
  for (let left = total - counts.reduce((a, b) => a + b, 0), next = 0; left > 0; left--, next++) {
    counts[byRemainder[next % byRemainder.length]![1]]! += 1;
  }
  // Largest weight first, so that with two patients, train and test get one each before validation does.
  const wanted = weights.map((weight, index) => [weight, index] as const).filter(([weight]) => weight > 0);
  for (const [, index] of wanted.sort((a, b) => b[0] - a[0])) {
    const largest = counts.indexOf(Math.max(...counts));
    if (counts[index] === 0 && counts[largest]! > 1) {
      counts[index] = 1;
      counts[largest]! -= 1;
    }
  }
  return counts;
}

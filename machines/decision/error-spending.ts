import { nominalLevels } from '../../src/domain/statistics/index.ts';

export interface ErrorSpendingOptions {
  /** Error rate of the whole study. */
  alpha: number;
  /** 1-based: the how-manieth setting to be validated. */
  candidate: number;
  baselineRuns: number;
  maxRuns: number;
  /** Runs of the setting's earlier validations, which have had their looks; left out: none. */
  earlierRuns?: number | undefined;
}

/**
 * The part of a candidate's error rate that normal noise may spend. The rest is for a tail of rare bad runs that no validating run
 * has shown: where one run of k workers in twenty falls by five spreads, such a study errs in 5 % as designed, and in 8 % with the
 * whole rate (`npm run bench -- decision-rules`).
 */
const normalPart = 0.6;

/** The error rate one candidate may spend: α/2, α/4, α/8, …, so that a study of any length spends less than α. */
export function candidateAlpha(alpha: number, candidate: number): number {
  return alpha / 2 ** candidate;
}

/** Nominal one-sided level of the look after n validating runs, the last one's where n is left out; undefined where there is no such look. */
export function lookLevel(options: ErrorSpendingOptions, n = lastLook(options)): number | undefined {
  return lookLevels(options)[n - firstLook(options)];
}

/** The most validating runs of a setting that are judged together. */
export function lastLook({ maxRuns, earlierRuns = 0 }: Pick<ErrorSpendingOptions, 'maxRuns' | 'earlierRuns'>): number {
  return earlierRuns + maxRuns;
}

function firstLook({ earlierRuns = 0 }: ErrorSpendingOptions): number {
  return Math.max(2, earlierRuns + 1);
}

/**
 * The levels of the looks after n runs, n = 2 … maxRuns; of a setting that is validated again, of the runs that are new.
 * A candidate's error is spent as the square of the information fraction: little on the first, shaky looks.
 * Information of n runs against m baseline runs is 1 / (1/n + 1/m).
 */
export function lookLevels(options: ErrorSpendingOptions): number[] {
  const { alpha, candidate, baselineRuns, maxRuns, earlierRuns = 0 } = options;
  const key = [alpha, candidate, baselineRuns, maxRuns, earlierRuns].join(' ');
  const known = memory.get(key);
  if (known) return known;
  const information: number[] = [];
  for (let n = firstLook(options); n <= lastLook(options); n++) information.push(1 / (1 / n + 1 / baselineRuns));
  const total = information.at(-1)!;
  const spent = information.map((value) => normalPart * candidateAlpha(alpha, candidate) * (value / total) ** 2);
  const levels = nominalLevels(information, spent);
  memory.set(key, levels);
  return levels;
}

/** The levels depend on nothing but their key; they take milliseconds to integrate. */
const memory = new Map<string, number[]>();

import { nominalLevels } from '../../src/domain/statistics/index.ts';
import type { Judgement, Standing } from './rule.ts';

export interface ErrorSpendingOptions {
  /** Error rate of the whole study. */
  alpha: number;
  /** The share of it that the looks of earlier candidates have left; left out: all. */
  unspent?: number | undefined;
  baselineRuns: number;
  maxRuns: number;
  /** Runs of the setting's earlier validations, which have had their looks; left out: none. */
  earlierRuns?: number | undefined;
}

/**
 * The part of a candidate's error rate that normal noise may spend. The rest is for a tail of rare bad runs that no validating run
 * has shown: where one run of k workers in twenty falls by five spreads, whole studies err in about 4 % with this part and the tails
 * of other settings taken off (`tailLoss`), in 5 % with three tenths, and in 8 % without (`npm run bench -- decision-rules`).
 */
export const normalPart = 0.25;

/**
 * The error rate that a candidate may spend: half of what the looks of earlier ones have left, so that a study of any length spends
 * less than α. Each candidate is tested against the same baseline: where that came out high by chance, candidates fail, more is
 * left for later ones, and these are held against a high baseline too. So what a failed one leaves is safe to pass on, as
 * `npm run bench -- decision-rules` measures.
 */
export function candidateAlpha(alpha: number, unspent = 1): number {
  return (alpha * twoDigits(unspent)) / 2;
}

/** The error rate that a candidate had spent when it was judged so; 0 under a rule that spends none. */
export function alphaSpentBy({ observed }: Pick<Judgement<string>, 'observed'>): number {
  const { alphaSpent } = observed;
  return typeof alphaSpent === 'number' ? alphaSpent : 0;
}

/**
 * What earlier candidates have left where nobody says what they spent: what is left if each has spent all of its half, the least
 * that there can be.
 */
export function unspentOf({ unspent, candidate }: Pick<Standing, 'unspent' | 'candidate'>): number {
  return unspent ?? 2 ** -Math.max(0, candidate - 1);
}

/** Rounded down to two significant digits, so that studies share the levels, which take milliseconds to integrate. */
function twoDigits(share: number): number {
  if (!(share > 0)) return 0;
  const step = 10 ** (Math.floor(Math.log10(share)) - 1);
  return Number((Math.floor(share / step + 1e-9) * step).toPrecision(2));
}

/** What the looks up to the one after n validating runs have spent, as a share of the study's error rate. */
export function spentShare(options: ErrorSpendingOptions, n: number): number {
  if (n < firstLook(options)) return 0;
  return candidateAlpha(1, options.unspent) * spentFraction(options, n);
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
 */
export function lookLevels(options: ErrorSpendingOptions): number[] {
  const { alpha, unspent, baselineRuns, maxRuns, earlierRuns = 0 } = options;
  const own = candidateAlpha(alpha, unspent);
  const key = [own, baselineRuns, maxRuns, earlierRuns].join(' ');
  const known = memory.get(key);
  if (known) return known;
  const looks = Array.from({ length: lastLook(options) - firstLook(options) + 1 }, (_, k) => firstLook(options) + k);
  const information = looks.map((n) => informationOf(n, baselineRuns));
  const spent = looks.map((n) => normalPart * own * spentFraction(options, n));
  const levels = nominalLevels(information, spent);
  memory.set(key, levels);
  return levels;
}

/** Of n runs against so many of the baseline. */
function informationOf(n: number, baselineRuns: number): number {
  return 1 / (1 / n + 1 / baselineRuns);
}

function spentFraction(options: ErrorSpendingOptions, n: number): number {
  const { baselineRuns } = options;
  return (informationOf(n, baselineRuns) / informationOf(lastLook(options), baselineRuns)) ** 2;
}

/** The levels depend on nothing but their key. */
const memory = new Map<string, number[]>();

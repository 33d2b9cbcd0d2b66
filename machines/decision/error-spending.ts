import { nominalLevels } from '../../src/domain/statistics/index.ts';
import type { Judgement, Standing } from './rule.ts';

export interface ErrorSpendingOptions {
  /** Error rate of the whole study. */
  alpha: number;
  /** The share of it left by the looks of earlier candidates; left out: all. */
  unspent?: number | undefined;
  baselineRuns: number;
  maxRuns: number;
  /** Runs of the setting's earlier validations, whose looks are over; left out: none. */
  earlierRuns?: number | undefined;
}

/**
 * The part of a candidate's error rate that normal noise may spend. The rest is for rare bad runs that no validating
 * run has shown: docs/guideline-benchmark.md says how many whole studies err with this part and with others
 * (`npm run bench -- whole-studies`).
 */
export const normalPart = 0.18;
/** By so many runs of a validation, `normalPart` is spent. */
const fullRuns = 12;
/**
 * What the looks after that spend in all, as a fraction of `normalPart`. Runs that show no rare bad one lie above the
 * true mean, and the more of them a bound is made of, the surer it is of that: with `normalPart` spread over 20 runs
 * instead, twice as many studies err as with 12.
 */
const laterLooks = 0.1;

/**
 * The error rate that a candidate may spend: half of what the looks of earlier ones have left, so that a study of any
 * length spends less than α. All candidates are tested against the same baseline: if that came out high by chance,
 * candidates fail and leave more to later ones, which face the same high baseline. So what a failed candidate leaves is
 * safe to pass on, as `npm run bench -- decision-rules` measures.
 */
export function candidateAlpha(alpha: number, unspent = 1): number {
  return (alpha * twoDigits(unspent)) / 2;
}

/** The error rate that a candidate had spent by this judgement; 0 under a rule that spends none. */
export function alphaSpentBy({ observed }: Pick<Judgement<string>, 'observed'>): number {
  const { alphaSpent } = observed;
  return typeof alphaSpent === 'number' ? alphaSpent : 0;
}

/**
 * The share that earlier candidates have left; if what they spent is unknown, the least possible: each spent all of its
 * half.
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

/** The share of the study's error rate spent by the looks up to the one after n validating runs. */
export function spentShare(options: ErrorSpendingOptions, n: number): number {
  if (n < firstLook(options)) return 0;
  return candidateAlpha(1, options.unspent) * Math.min(1, spentFraction(options, n));
}

/** Nominal one-sided level of the look after n validating runs (default: the last); undefined without such a look. */
export function lookLevel(options: ErrorSpendingOptions, n = lastLook(options)): number | undefined {
  return lookLevels(options)[n - firstLook(options)];
}

/** Maximum number of a setting's validating runs that are judged together. */
export function lastLook({ maxRuns, earlierRuns = 0 }: Pick<ErrorSpendingOptions, 'maxRuns' | 'earlierRuns'>): number {
  return earlierRuns + maxRuns;
}

function firstLook({ earlierRuns = 0 }: ErrorSpendingOptions): number {
  return Math.max(2, earlierRuns + 1);
}

/**
 * The levels of the looks after n runs, n = 2 … maxRuns; when a setting is validated again, after each new run. A
 * candidate's error is spent as the square of the information fraction: little on the first, shaky looks. All of it is
 * spent by the twelfth run; later looks spend a tenth more in all.
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

/** Statistical information of n runs compared with `baselineRuns` of the baseline. */
function informationOf(n: number, baselineRuns: number): number {
  return 1 / (1 / n + 1 / baselineRuns);
}

/** Spent by the looks up to n runs, as a fraction of `normalPart`; above 1 after `fullRuns`. */
function spentFraction(options: ErrorSpendingOptions, n: number): number {
  const { baselineRuns, maxRuns, earlierRuns = 0 } = options;
  const own = informationOf(n, baselineRuns);
  const full = informationOf(earlierRuns + Math.min(fullRuns, maxRuns), baselineRuns);
  if (own <= full) return (own / full) ** 2;
  return 1 + (laterLooks * (own - full)) / (informationOf(lastLook(options), baselineRuns) - full);
}

/** Levels by key, on which alone they depend. */
const memory = new Map<string, number[]>();

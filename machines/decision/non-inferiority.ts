import type { NonInferiorityRuleConfig } from '../../src/domain/decision-rule.ts';
import { AutopilotError } from '../../src/domain/errors.ts';
import { momentsOf, type SampleMoments, studentTCdf, studentTQuantile } from '../../src/domain/statistics/index.ts';
import { baselineLeavesOpen, confirmingDifference, isOneRun } from './confirming-difference.ts';
import { candidateAlpha, lastLook, lookLevel, spentShare, unspentOf } from './error-spending.ts';
import { digitsFor, number, signed, spreadText } from './format.ts';
import {
  baselineMoments,
  bestValueOf,
  directionOf,
  directionText,
  largestDifference,
  metricOf,
  oneRunAgain,
  unitOf,
  valuesOf,
} from './primary.ts';
import { baselineName } from './progress.ts';
import { widened } from './rare-bad-runs.ts';
import type { DecisionRule, Judgement, RunMetrics, Standing } from './rule.ts';

/** Validation stops below this chance of acceptance within `maxRuns`. This can only reduce false acceptances. */
const futility = 0.05;
/** Validation gives up after this many identical runs; with a coarse metric, fewer may be equal by chance. */
const oneRunPatience = 4;
/** A setting as good as the baseline passes the screen with at least this probability. */
const screenPower = 0.8;

/**
 * Accepts a setting when the one-sided confidence bound of (its mean − the baseline's mean) is above −margin. Only
 * validating runs count: the run that made the setting a candidate was selected for being good. The bound is Welch's
 * (unequal variances) with no more degrees of freedom than the validating runs have; its level is corrected for looking
 * after every run and for every candidate of the study. Throws if `maxRuns` is below 2.
 */
export function nonInferiorityRule(config: NonInferiorityRuleConfig): DecisionRule {
  const { metrics, definitions, maxRuns } = config;
  if (!(maxRuns >= 2)) {
    throw new AutopilotError(
      'decision.maxRuns',
      `decision.maxRuns is ${maxRuns}; a spread needs at least 2 validating runs.`,
    );
  }
  const primary = metrics[0]!;
  const judged: Judged = {
    ...config,
    primary,
    sign: directionOf(primary, definitions),
    unit: unitOf(primary, definitions),
    lower: directionText(primary, definitions),
  };
  return {
    name: 'nonInferiority',
    metrics,
    definitions,
    minimumBaselineRuns: 2,
    maximumValidationRuns: maxRuns,
    screen: (run, standing) => screen(judged, run, standing),
    validate: (runs, standing) => validate(judged, runs, standing),
  };
}

/** The rule's numbers, and how its primary metric is compared and worded. */
interface Judged extends NonInferiorityRuleConfig {
  primary: string;
  /** 1 where more is better, -1 where less is. */
  sign: 1 | -1;
  unit: string;
  lower: string;
}

function screen(
  { primary, sign, unit, lower, margin }: Judged,
  run: RunMetrics,
  standing: Standing,
): Judgement<'reached' | 'missed'> {
  const value = metricOf(run, primary);
  const reference = baselineMoments(standing, primary);
  const target = reference.mean;
  const threshold = target - sign * screenWidth(reference, margin);
  const observed = { [primary]: value, [baselineName(primary)]: target, threshold };
  if (value === null) {
    return { verdict: 'missed', rule: 'nonInferiority.missed', observed, saw: `no usable ${primary}` };
  }
  const verdict = sign * (value - threshold) >= 0 ? 'reached' : 'missed';
  const digits = digitsFor(value, threshold);
  const relation = verdict === 'reached' ? 'close enough to validate' : 'too far off to validate';
  const saw = `${primary} ${number(value, digits)}${unit} against a baseline of ${number(target, digits)} (threshold ${number(threshold, digits)}${unit}${lower}): ${relation}`;
  return { verdict, rule: `nonInferiority.${verdict}`, observed, saw };
}

type Validation = Judgement<'undecided' | 'confirmed' | 'notConfirmed'>;

function validate(judged: Judged, runs: RunMetrics[], standing: Standing): Validation {
  const { primary, definitions, unit, margin, alpha, maxRuns } = judged;
  const { candidate, earlierRuns } = standing;
  const unspent = unspentOf(standing);
  const reference = baselineMoments(standing, primary);
  const values = valuesOf(runs, primary);
  const n = runs.length;
  const most = lastLook({ maxRuns, earlierRuns });
  const base = {
    [baselineName(primary)]: reference.mean,
    runs: n,
    baselineRuns: reference.n,
    margin,
    alpha,
    candidate,
    candidateAlpha: candidateAlpha(alpha, unspent),
    alphaSpent: alpha * spentShare({ alpha, unspent, baselineRuns: reference.n, maxRuns, earlierRuns }, n),
  };
  if (values.length < n) {
    const saw = `validating run ${n} gave no usable ${primary}: not confirmed`;
    return { verdict: 'notConfirmed', rule: 'nonInferiority.diverged', observed: base, saw };
  }
  const of = `${n} of at most ${most} validating runs`;
  const sample = momentsOf(values);
  const { mean } = sample;
  const observed = { ...base, [primary]: mean };
  if (n < 2) {
    const saw = `${primary} ${number(mean)}${unit} in ${of}: a spread needs at least two`;
    return { verdict: 'undecided', rule: 'nonInferiority.undecided', observed, saw };
  }
  const perfect = sample.variance === 0 && mean === bestValueOf(primary, definitions);
  if (isOneRun(reference, margin) || (isOneRun(sample, margin) && !perfect)) {
    const verdict = n < Math.min(maxRuns, oneRunPatience) ? ('undecided' as const) : ('notConfirmed' as const);
    const saw = `${primary} ${number(mean)}${unit} in each of the ${of}: ${oneRunAgain(primary)}`;
    return { verdict, rule: 'nonInferiority.oneRun', observed, saw };
  }
  return judgeBound(judged, { sample, reference, most, standing, observed, of });
}

interface Bounded {
  sample: SampleMoments;
  reference: SampleMoments;
  /** Runs at the last look. */
  most: number;
  standing: Standing;
  observed: Judgement<string>['observed'];
  /** The number of runs in words: "3 of at most 12 validating runs". */
  of: string;
}

/** Judges by the confidence bound, given enough runs that differ enough to have one. */
function judgeBound(judged: Judged, { sample: shown, reference, most, standing, of, ...known }: Bounded): Validation {
  const { primary, definitions, sign, unit, lower, margin, alpha, maxRuns } = judged;
  const { n } = shown;
  const { tailLoss = 0, pooledVariance = 0 } = standing;
  const sample = widened(shown, pooledVariance);
  const level = (look: number) =>
    lookLevel({ alpha, maxRuns, baselineRuns: reference.n, ...standing, unspent: unspentOf(standing) }, look)!;
  const { difference, standardError, degrees } = confirmingDifference(sample, reference);
  const nominal = level(n);
  const reach = studentTQuantile(1 - nominal, degrees) * standardError;
  const expected = difference - sign * tailLoss;
  // On the side of a loss: below, if more of the metric is better.
  const bound = expected - sign * reach;
  const limit = -sign * margin;
  const digits = digitsFor(bound, limit);
  const spread = spreadText({
    ...{ own: shown.variance, counted: sample.variance, pooled: pooledVariance },
    of: 'repeated',
  });
  const observed = {
    ...known.observed,
    difference,
    standardError,
    degrees: Number.isFinite(degrees) ? degrees : null,
    ...(tailLoss > 0 ? { tailLoss } : {}),
    ...(spread ? { countedSpread: Math.sqrt(sample.variance) } : {}),
    lowerBound: expected - reach,
    upperBound: expected + reach,
    nominalLevel: nominal,
  };
  const boundText =
    Math.abs(bound) > largestDifference(primary, definitions) ? 'no bound yet' : `bound ${signed(bound, digits)}`;
  const tail = number(tailLoss, Math.max(digits, digitsFor(tailLoss, 0)));
  const tailText = tailLoss > 0 ? `, including ${tail} for rare bad runs seen with other settings` : '';
  const widerText = spread ? `, ${spread}` : '';
  const differs = `${primary} differs from the baseline by ${signed(difference)}${unit} (${boundText}${tailText}${widerText}, margin ${signed(limit, digits)}${unit}${lower}) after ${of}`;
  if (sign * bound > -margin) {
    const saw = `${differs}: no loss beyond the margin`;
    return { verdict: 'confirmed', rule: 'nonInferiority.accept', observed, saw };
  }
  if (n >= most) {
    return { verdict: 'notConfirmed', rule: 'nonInferiority.reject', observed, saw: `${differs}: not shown` };
  }
  const chance = acceptanceChance({
    ...{ sample, reference, sign, margin, tailLoss },
    maxRuns: most,
    nominal: level(most),
  });
  const foreseen = { ...observed, chance };
  if (chance < futility) {
    const open = baselineLeavesOpen(reference, { gain: sign * difference, margin, level: level(most) });
    const saw = open
      ? `${differs}: no number of validating runs can show it, because the baseline's ${reference.n} runs leave too much open`
      : `${differs}: cannot be shown within ${most} runs`;
    return { verdict: 'notConfirmed', rule: 'nonInferiority.futile', observed: foreseen, saw };
  }
  return { verdict: 'undecided', rule: 'nonInferiority.undecided', observed: foreseen, saw: `${differs}: not settled` };
}

/**
 * How far below the baseline's mean a run may be and still be validated: the margin or, if wider, the one-sided
 * prediction interval that holds one run of an equally good setting with probability 0.8.
 */
function screenWidth({ variance, n }: SampleMoments, margin: number): number {
  const quantile = studentTQuantile(screenPower, n - 1);
  return Math.max(margin, quantile * Math.sqrt(variance * (1 + 1 / n)));
}

interface ChanceOptions {
  sample: SampleMoments;
  reference: SampleMoments;
  /** 1 where more is better, -1 where less is. */
  sign: 1 | -1;
  margin: number;
  /** Amount subtracted for rare bad runs. */
  tailLoss: number;
  maxRuns: number;
  /** Nominal level of the last look. */
  nominal: number;
}

/**
 * Predictive probability, given the runs so far, that the last look accepts: the mean of the remaining runs is
 * predicted with the pooled spread of both samples. The baseline stays as it is, and so does its uncertainty: with two
 * single-worker runs, no number of validating runs gives more than about one degree of freedom.
 */
function acceptanceChance(options: ChanceOptions): number {
  const { sample, reference, sign, margin, tailLoss, maxRuns, nominal } = options;
  const { n } = sample;
  const rest = maxRuns - n;
  const degrees = n + reference.n - 2;
  const variance = ((n - 1) * sample.variance + (reference.n - 1) * reference.variance) / degrees;
  const last = confirmingDifference({ mean: sample.mean, n: maxRuns, variance }, reference);
  const reach = studentTQuantile(1 - nominal, last.degrees) * last.standardError;
  const needed = reference.mean + sign * (reach + tailLoss - margin);
  const neededRest = (needed * maxRuns - sample.mean * n) / rest;
  const gap = sign * (sample.mean - neededRest);
  const error = Math.sqrt(variance * (1 / rest + 1 / n));
  if (error === 0) return gap > 0 ? 1 : 0;
  return studentTCdf(gap / error, degrees);
}

import type { NonInferiorityRuleConfig } from '../../src/domain/decision-rule.ts';
import {
  moderatedSpread,
  type SampleMoments,
  type SpreadPrior,
  studentTCdf,
  studentTQuantile,
} from '../../src/domain/statistics/index.ts';
import { confirmingDegrees, confirmingDifference } from './confirming-difference.ts';
import { lastLook, lookLevel, unspentOf } from './error-spending.ts';
import { baselineMoments, directionOf } from './primary.ts';
import type { Standing } from './rule.ts';

export interface ChanceOptions {
  rule: NonInferiorityRuleConfig;
  /** The setting's runs so far, one or more. */
  sample: SampleMoments;
  /** Includes what earlier candidates have left of the error rate. */
  standing: Standing;
  /** The spread as estimated from the study's repeated runs. */
  prior: SpreadPrior;
}

export interface FirstChanceOptions extends ChanceOptions {
  /** The baseline gets no more runs, so its uncertainty stays. */
  baselineIsFinal: boolean;
}

/**
 * The chance, before validation starts, that it confirms the setting by its last look: the mean of `maxRuns` fresh runs
 * is predicted from the runs so far, with moderated spreads. The test itself (Welch) does not use it.
 */
export function chanceToConfirm({ rule, sample, standing, prior, baselineIsFinal }: FirstChanceOptions): number {
  const { metrics, definitions, margin, alpha, maxRuns } = rule;
  const primary = metrics[0] ?? '';
  const sign = directionOf(primary, definitions);
  const reference = baselineMoments(standing, primary);
  const [own, one] = [moderatedSpread(sample, prior), moderatedSpread(reference, prior)];
  const options = { alpha, unspent: unspentOf(standing), baselineRuns: reference.n, maxRuns };
  const level = lookLevel(options) ?? alpha;
  const last = confirmingDifference(
    { ...sample, n: maxRuns, variance: own.variance },
    { ...reference, variance: one.variance },
  );
  const degrees = baselineIsFinal ? last.degrees : confirmingDegrees(maxRuns);
  const reach = studentTQuantile(1 - level, degrees) * last.standardError;
  const needed = reference.mean + sign * (reach - margin);
  const predicted = Math.sqrt(own.variance * (1 / sample.n + 1 / maxRuns));
  return studentTCdf((sign * (sample.mean - needed)) / predicted, own.degrees);
}

export interface ChanceAgainOptions extends ChanceOptions {
  /** Final number of single-worker runs; at least the current one. */
  baselineRuns: number;
}

/**
 * The chance that validating a setting again confirms it by the last look. Its validating runs so far (`sample`) count
 * along with `maxRuns` more; the final difference is predicted from the current one, with moderated spreads.
 */
export function chanceToConfirmAgain({ rule, sample, standing, prior, baselineRuns }: ChanceAgainOptions): number {
  const { metrics, definitions, margin, alpha, maxRuns } = rule;
  const primary = metrics[0] ?? '';
  const sign = directionOf(primary, definitions);
  const reference = baselineMoments(standing, primary);
  const [own, one] = [moderatedSpread(sample, prior), moderatedSpread(reference, prior)];
  const looks = { alpha, unspent: unspentOf(standing), baselineRuns, maxRuns, earlierRuns: sample.n };
  const last = lastLook(looks);
  const level = lookLevel(looks) ?? alpha;
  const { degrees, standardError } = confirmingDifference(
    { ...sample, n: last, variance: own.variance },
    { ...reference, n: baselineRuns, variance: one.variance },
  );
  const { tailLoss = 0 } = standing;
  const needed = studentTQuantile(1 - level, degrees) * standardError + tailLoss - margin;
  const predicted = Math.sqrt(
    own.variance * (1 / sample.n - 1 / last) + one.variance * (1 / reference.n - 1 / baselineRuns),
  );
  return studentTCdf((sign * (sample.mean - reference.mean) - needed) / predicted, own.degrees);
}

export interface RunsOfBothOptions {
  /** Final number of validating runs. */
  runs: number;
  sample: SampleMoments;
  reference: SampleMoments;
  prior: SpreadPrior;
}

/** The best number of single-worker runs for `runs` validating ones: the two are in the ratio of their spreads. */
export function balancedBaselineRuns({ runs, sample, reference, prior }: RunsOfBothOptions): number {
  const [own, one] = [moderatedSpread(sample, prior), moderatedSpread(reference, prior)];
  return Math.ceil(runs * Math.sqrt(one.variance / own.variance));
}

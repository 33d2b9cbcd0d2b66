import type { NonInferiorityRuleConfig } from '../../src/domain/decision-rule.ts';
import {
  moderatedSpread,
  type SampleMoments,
  type SpreadPrior,
  studentTCdf,
  studentTQuantile,
} from '../../src/domain/statistics/index.ts';
import { confirmingDegrees } from './confirming-difference.ts';
import { lookLevels } from './error-spending.ts';
import { baselineMoments, directionOf } from './primary.ts';
import type { Standing } from './rule.ts';

export interface ChanceOptions {
  rule: NonInferiorityRuleConfig;
  /** The setting's runs so far, one or more. */
  sample: SampleMoments;
  /** With the candidate's number that the setting would have. */
  standing: Standing;
  /** What the study's repeated runs say of the spread. */
  prior: SpreadPrior;
}

/**
 * The chance that validating confirms a setting by its last look, before it starts: the mean of `maxRuns` fresh runs is
 * predicted from the runs so far, with moderated spreads. The test itself (Welch) knows nothing of it.
 */
export function chanceToConfirm({ rule, sample, standing, prior }: ChanceOptions): number {
  const { metrics, definitions, margin, alpha, maxRuns } = rule;
  const primary = metrics[0] ?? '';
  const sign = directionOf(primary, definitions);
  const reference = baselineMoments(standing, primary);
  const [own, one] = [moderatedSpread(sample, prior), moderatedSpread(reference, prior)];
  const options = { alpha, candidate: standing.candidate, baselineRuns: reference.n, maxRuns };
  const level = lookLevels(options).at(-1) ?? alpha;
  const error = Math.sqrt(own.variance / maxRuns + one.variance / reference.n);
  const reach = studentTQuantile(1 - level, confirmingDegrees(maxRuns)) * error;
  const needed = reference.mean + sign * (reach - margin);
  const predicted = Math.sqrt(own.variance * (1 / sample.n + 1 / maxRuns));
  return studentTCdf((sign * (sample.mean - needed)) / predicted, own.degrees);
}

import { momentsOf } from '../../../src/domain/statistics/index.ts';
import type { Iteration } from '../../../src/domain/study.ts';
import { balancedBaselineRuns, baselineMoments, chanceToConfirmAgain, type Standing } from '../../decision/index.ts';
import { metricOf } from '../../decision/primary.ts';
import type { GuidelineContext } from '../context.ts';
import { type NoiseAware, spreadPrior } from '../evidence.ts';
import { confirmation } from '../parts.ts';
import { validatingResults } from '../record.ts';
import { tailLossOf } from './other-settings.ts';
import { standing } from './standing.ts';

/** A further validation of a setting that was not confirmed. */
export interface FurtherValidation {
  /** The iteration that proposed the setting. */
  parent: number;
  /** Baseline runs that it needs, existing ones included. */
  baselineRuns: number;
  /** Chance that it confirms the setting. */
  chance: number;
}

/**
 * What validating the iteration's setting again would take and promise: its validating runs so far count, and the
 * baseline grows as far as its own spread warrants. Null if the guideline allows no further validation, or a run broke
 * down.
 */
export function furtherValidation(
  context: GuidelineContext,
  parent: number,
  { rule, comparing }: NoiseAware,
): FurtherValidation | null {
  const { iterations, input, baseline: runs, baselineGiven } = context;
  const validations = iterations.filter((each) => each.action === 'validate' && each.parent === parent);
  const last: Iteration | undefined = validations.at(-1);
  if (last === undefined || validations.length >= (comparing.validations ?? 1)) return null;
  const { baseline, runs: validating } = confirmation(context, { results: validatingResults(context, last) });
  const primary = rule.metrics[0] ?? '';
  const values = validating.flatMap(({ metrics }) => metricOf(metrics, primary) ?? []);
  if (values.length < validating.length || values.length < 2) return null;
  const stands: Standing = {
    ...standing(context, 1),
    tailLoss: tailLossOf(context, last),
    baseline: baseline.map(({ metrics }) => metrics),
  };
  const sample = momentsOf(values);
  const prior = spreadPrior(context, rule.margin);
  const reference = baselineMoments(stands, primary);
  const most = Math.floor(input.baseline.runs * (comparing.baselineGrowth ?? 1));
  const balanced = balancedBaselineRuns({ runs: sample.n + rule.maxRuns, sample, reference, prior });
  const baselineRuns = baselineGiven ? reference.n : Math.max(runs.length, Math.min(most, balanced));
  return {
    parent,
    baselineRuns,
    chance: chanceToConfirmAgain({ rule, sample, standing: stands, prior, baselineRuns }),
  };
}

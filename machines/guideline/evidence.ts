import type { NonInferiorityRuleConfig } from '../../src/domain/decision-rule.ts';
import type { Comparing } from '../../src/domain/guideline.ts';
import type { Setting } from '../../src/domain/setting.ts';
import { settingKey } from '../../src/domain/setting-key.ts';
import { commonSpread, momentsOf, type SampleMoments, type SpreadPrior } from '../../src/domain/statistics/index.ts';
import type { Iteration, RunResult } from '../../src/domain/study.ts';
import {
  baselineMoments,
  type Comparison,
  compareSettings,
  directionOf,
  type RunMetrics,
  unitOf,
} from '../decision/index.ts';
import { metricOf } from '../decision/primary.ts';
import type { GuidelineContext } from './context.ts';
import { confirmation } from './parts.ts';
import { onWorkers, runMetrics } from './record.ts';

/** The prior before any run: a spread of 0.8 of the margin, with the weight of five runs. */
const weakSpread = 0.8;
const weakDegrees = 4;

/** All runs of one setting: of the iteration that proposed it, its repeats and its validations. */
export interface Evidence {
  /** The iteration that proposed it. */
  iteration: Iteration;
  results: RunResult[];
  /** The primary metric of each finished run, ascending: sums do not depend on the order in which runs end. */
  values: number[];
  /** A run diverged or had no usable metric: worse than any setting whose runs all finished. */
  broken: boolean;
}

export interface NoiseAware {
  rule: NonInferiorityRuleConfig;
  comparing: Comparing;
}

/** The rule and numbers of a study whose comparisons use the spread; null if its rule or guideline does not. */
export function noiseAware({ input }: GuidelineContext): NoiseAware | null {
  const { rule, guideline } = input;
  return rule.rule === 'nonInferiority' && guideline.comparing !== undefined
    ? { rule, comparing: guideline.comparing }
    : null;
}

/** One entry for each setting that was trained, oldest first. */
export function evidenceOf({ iterations, input }: GuidelineContext): Evidence[] {
  const primary = input.rule.metrics[0] ?? '';
  const settings = new Map<string, Evidence>();
  for (const iteration of onWorkers(iterations)) {
    if (iteration.results.length === 0) continue;
    const key = settingKey(iteration.setting, input.epochs);
    const known = settings.get(key) ?? { iteration, results: [], values: [], broken: false };
    known.results.push(...iteration.results);
    for (const result of iteration.results) {
      const value = metricOf(runMetrics(result), primary);
      if (value === null) known.broken = true;
      else known.values.push(value);
    }
    known.values.sort((a, b) => a - b);
    settings.set(key, known);
  }
  return [...settings.values()];
}

export function evidenceFor(context: GuidelineContext, setting: Setting): Evidence | undefined {
  const key = settingKey(setting, context.input.epochs);
  return evidenceOf(context).find(({ iteration }) => settingKey(iteration.setting, context.input.epochs) === key);
}

/**
 * The settings that did not break down, best against the baseline first, the earlier first in a tie. If a setting was
 * validated on a part of the data other than the one settings are chosen on, its result there counts: that is what a
 * study has to confirm.
 */
export function ranked(context: GuidelineContext, list: readonly Evidence[]): Evidence[] {
  const { metrics, definitions } = context.input.rule;
  const sign = directionOf(metrics[0] ?? '', definitions);
  return list
    .filter(({ values, broken }) => !broken && values.length > 0)
    .map((one) => {
      const gain = sign * gainOf(context, one);
      // Without a usable value on the part that confirms: after all others.
      return { one, gain: Number.isNaN(gain) ? -Infinity : gain };
    })
    .sort((a, b) => (a.gain === b.gain ? 0 : b.gain - a.gain))
    .map(({ one }) => one);
}

/** The setting's mean minus the baseline's: of validating runs if another part of the data confirms, else of all. */
function gainOf(context: GuidelineContext, { results, values }: Evidence): number {
  const primary = context.input.rule.metrics[0] ?? '';
  const validating = results.filter((result) => result.state === 'finished' && result.confirming !== undefined);
  const { baseline, runs, part } = confirmation(context, { results: validating });
  if (validating.length === 0 || part === null) {
    return momentsOf(values).mean - baselineSample(context).mean;
  }
  const meanOf = (list: { metrics: RunMetrics }[]) =>
    momentsOf(list.flatMap(({ metrics }) => metricOf(metrics, primary) ?? [])).mean;
  return meanOf(runs) - meanOf(baseline);
}

/** The spread estimated from the baseline and every repeated setting of the study. */
export function spreadPrior(context: GuidelineContext, margin: number): SpreadPrior {
  const samples = evidenceOf(context).flatMap(({ values, broken }) => (broken ? [] : [momentsOf(values)]));
  const weak = { variance: (weakSpread * margin) ** 2, degrees: weakDegrees };
  return commonSpread([baselineSample(context), ...samples], weak);
}

export function baselineSample({ baseline, baselineSummary, input }: GuidelineContext): SampleMoments {
  const standing = { baseline: baseline.map(({ metrics }) => metrics), baselineSummary, candidate: 0 };
  return baselineMoments(standing, input.rule.metrics[0] ?? '');
}

/** One setting compared with another, by all runs of both. */
export function compareEvidence(
  context: GuidelineContext,
  { own, rival, noise }: { own: Evidence; rival: Evidence; noise: NoiseAware },
): Comparison {
  const { rule, comparing } = noise;
  const primary = rule.metrics[0] ?? '';
  return compareSettings({
    primary,
    unit: unitOf(primary, rule.definitions),
    sign: directionOf(primary, rule.definitions),
    current: momentsOf(own.values),
    reference: momentsOf(rival.values),
    name: `iteration ${rival.iteration.number}`,
    prior: spreadPrior(context, rule.margin),
    comparing,
  });
}

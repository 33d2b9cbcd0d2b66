import type { Store } from '../../db/index.ts';
import type { ResolvedStudyConfig } from '../config/resolve.ts';
import { scaleSection, workerCounts } from '../config/scale-section.ts';
import { guidelineConfig } from '../config/sections/guideline.ts';
import type { Guideline } from '../domain/guideline.ts';
import { type Setting, withEpochs } from '../domain/setting.ts';
import { guidelineOf } from '../engine/plans/guideline-input.ts';
import { scaledSetting } from './scaled-setting.ts';

/** The scaling's name in the store: `cerebellum-scale`. */
export function scalingName({ name }: Pick<ResolvedStudyConfig, 'name'>): string {
  return `${name}-scale`;
}

/** The name of one worker count's study: `cerebellum-scale-k8` for 8 workers. */
export function countName(config: Pick<ResolvedStudyConfig, 'name'>, workers: number): string {
  return `${scalingName(config)}-k${workers}`;
}

/** A confirmed setting and its number of workers. */
export interface ConfirmedBefore {
  workers: number;
  setting: Setting;
}

/**
 * The config of one worker count's study: it starts from the setting confirmed for fewer workers, and uses every
 * baseline run there is.
 */
export function countConfig(
  config: ResolvedStudyConfig,
  { workers, before, baselineRuns }: { workers: number; before: ConfirmedBefore | null; baselineRuns: number },
): ResolvedStudyConfig {
  const { compare: _, scale: __, start, ...task } = config;
  const { iterations = config.budget.iterations, errorRate } = scaleSection(config);
  const { baseline, decision } = config;
  const counts = workerCounts(config).length;
  const shared = errorRate === 'allCounts' && decision.rule === 'nonInferiority';
  const seeds = Math.max(baseline.seeds, baselineRuns);
  return {
    ...task,
    name: countName(config, workers),
    workers,
    ...(before === null ? { start } : fromBefore(config, before, workers)),
    baseline: { ...baseline, seeds },
    ...(before === null
      ? {}
      : { guideline: guidelineConfig.parse(grown(guidelineFrom(config, workers), baseline.seeds / seeds)) }),
    decision: shared ? { ...decision, alpha: decision.alpha / counts } : decision,
    budget: { iterations },
  };
}

function fromBefore(config: ResolvedStudyConfig, before: ConfirmedBefore, workers: number) {
  const setting = withEpochs(before.setting, config.epochs);
  return { start: scaledSetting(setting, { from: before.workers, to: workers }) };
}

/** The guideline, made to train the start at any number of workers: it was confirmed, so it is no untried default. */
function guidelineFrom(config: ResolvedStudyConfig, workers: number) {
  const guideline = guidelineOf(config);
  return { ...guideline, threshold: Math.max(guideline.threshold, workers) } satisfies Guideline;
}

/** Reduces `baselineGrowth` for a baseline that has already grown, so that its upper bound stays the same. */
function grown(guideline: Guideline, share: number): Guideline {
  const { comparing } = guideline;
  if (comparing?.baselineGrowth === undefined) return guideline;
  return { ...guideline, comparing: { ...comparing, baselineGrowth: Math.max(1, comparing.baselineGrowth * share) } };
}

/** The setting confirmed by the study of a worker count; null if there is none. */
export function confirmedSetting(store: Store, name: string): Setting | null {
  const study = store.study(name);
  if (study?.outcome !== 'noLoss') return null;
  const iteration = store.confirmedIterationOf(study.id);
  return iteration === null ? null : (store.iteration(study.id, iteration)?.setting ?? null);
}

import { type GuidelineInput, guidelineHash, resolveGuideline } from '../../../machines/guideline/index.ts';
import { metricNames } from '../../config/decision-metrics.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { Guideline } from '../../domain/guideline.ts';
import type { Setting } from '../../domain/setting.ts';

/** The guideline a config means: its own, or a shipped one by name. */
export function guidelineOf(config: Pick<ResolvedStudyConfig, 'guideline'>): Guideline {
  return resolveGuideline(config.guideline);
}

/** What the guideline machine has to know about a study. */
export function guidelineInputOf(config: ResolvedStudyConfig): GuidelineInput {
  const { workers, epochs, baseline, budget, decision } = config;
  const guideline = guidelineOf(config);
  const setting = settingOf(config);
  return {
    guideline,
    guidelineHash: guidelineHash(guideline),
    rule: { ...decision, metrics: metricNames(decision) },
    workers,
    epochs,
    baseline: { runs: baseline.seeds, setting },
    setting,
    budget: { iterations: budget.iterations },
  };
}

/** The setting a study starts from, without what the guideline cannot change. */
export function settingOf({ setting, epochs }: Pick<ResolvedStudyConfig, 'setting' | 'epochs'>): Setting {
  const { initialLr, decayCoefficient, warmupEpochs, decayEpochs, optimizer } = setting;
  return { initialLr, decayCoefficient, warmupEpochs, decayEpochs, optimizer, epochs };
}

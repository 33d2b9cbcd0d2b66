import { type GuidelineInput, guidelineHash, resolveGuideline } from '../../../machines/guideline/index.ts';
import { metricNames } from '../../config/decision-metrics.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { AutopilotError } from '../../domain/errors.ts';
import type { Guideline } from '../../domain/guideline.ts';
import type { Setting } from '../../domain/setting.ts';

/** A config's guideline: its own, or a shipped one by name. */
export function guidelineOf(config: Pick<ResolvedStudyConfig, 'guideline'>): Guideline {
  return resolveGuideline(config.guideline);
}

/** The guideline machine's input for a study. */
export function guidelineInputOf(config: ResolvedStudyConfig): GuidelineInput {
  const { workers, epochs, baseline, budget, decision, goal } = config;
  const guideline = guidelineOf(config);
  checkFits(guideline, config);
  const setting = settingOf(config);
  return {
    guideline,
    guidelineHash: guidelineHash(guideline),
    rule: { ...decision, metrics: metricNames(decision) },
    workers,
    epochs,
    baseline: { runs: baseline.seeds, setting, extend: baseline.extend },
    setting: startOf(config),
    budget: { iterations: budget.iterations },
    goal,
  };
}

/** Refuses a guideline that needs a margin the decision rule lacks, and a goal the guideline has no action for. */
function checkFits(guideline: Guideline, { decision, goal }: Pick<ResolvedStudyConfig, 'decision' | 'goal'>): void {
  const { name, comparing, forSpeed = [] } = guideline;
  if (comparing !== undefined && decision.rule !== 'nonInferiority') {
    throw new AutopilotError(
      'guideline.rule',
      `guideline ${name} compares by a margin, which the rule ${decision.rule} does not have. Set decision.rule: nonInferiority, or choose the guideline thesis.`,
    );
  }
  if (goal === 'speed' && (comparing === undefined || forSpeed.length === 0)) {
    throw new AutopilotError(
      'guideline.goal',
      `goal is speed, but guideline ${name} has nothing that makes a confirmed setting faster. Set goal: answer, or choose the guideline anytime.`,
    );
  }
}

/** The setting k workers begin with. */
function startOf(config: Pick<ResolvedStudyConfig, 'setting' | 'epochs' | 'start'>): Setting {
  const given = Object.entries(config.start ?? {}).filter(([, value]) => value !== undefined);
  return { ...settingOf(config), ...Object.fromEntries(given) };
}

/** The single-worker setting, limited to the fields the guideline can change. */
export function settingOf({ setting, epochs }: Pick<ResolvedStudyConfig, 'setting' | 'epochs'>): Setting {
  const { initialLr, decayCoefficient, warmupEpochs, decayEpochs, optimizer } = setting;
  return { initialLr, decayCoefficient, warmupEpochs, decayEpochs, optimizer, epochs };
}

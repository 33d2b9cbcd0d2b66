import type { DecisionRuleConfig } from '../../src/domain/decision-rule.ts';
import { nonInferiorityRule } from './non-inferiority.ts';
import type { DecisionRule } from './rule.ts';
import { thesisRule } from './thesis.ts';

export {
  type BestSettingOptions,
  bestSetting,
  type SettingEstimate,
  type SettingRun,
  settingEstimates,
} from './best-setting.ts';
export { balancedBaselineRuns, chanceToConfirm, chanceToConfirmAgain } from './chance.ts';
export { eachClass, lostClasses, neverFound, type RunClasses } from './classes.ts';
export { type Comparison, compareSettings } from './compare.ts';
export { baselineLeavesOpen, confirmingDifference } from './confirming-difference.ts';
export { type CurveEpoch, curveSigns } from './curve-signs.ts';
export { alphaSpentBy } from './error-spending.ts';
export { nonInferiorityRule } from './non-inferiority.ts';
export { baselineMoments, directionOf, meanMetrics, metricOf, unitOf } from './primary.ts';
export { isBetter, progress } from './progress.ts';
export { tailLoss, winsorizedVariance } from './rare-bad-runs.ts';
export type { DecisionRule, Judgement, RunMetrics, Standing } from './rule.ts';
export { thesisRule } from './thesis.ts';

/** The rule that a config names. */
export function ruleFrom(config: DecisionRuleConfig): DecisionRule {
  return config.rule === 'thesis' ? thesisRule(config) : nonInferiorityRule(config);
}

/** Default number of baseline runs: enough for a mean and a spread, if the rule uses them. */
export function defaultBaselineRuns(config: Pick<DecisionRuleConfig, 'rule'>): number {
  return config.rule === 'thesis' ? 1 : 5;
}

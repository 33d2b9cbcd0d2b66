import type { MetricDefinitions } from './metric/definition.ts';

/**
 * A decision rule as data: which rule, and its numbers. Users write it as `src/config/sections/decision.ts` defines.
 */
export type DecisionRuleConfig = ThesisRuleConfig | NonInferiorityRuleConfig;

/** What a rule requires of each class besides the mean over classes; default: `mean`. */
export type ClassDemand = 'mean' | 'found' | 'each';

interface MetricMeanings {
  /**
   * What the metrics mean, once a study has settled it. Left out in replays and in studies of versions without
   * directions: higher is better, and nothing checks whether the baseline learned.
   */
  definitions?: MetricDefinitions | undefined;
}

/** The thesis's rule (§6.4): one run against one run. */
export interface ThesisRuleConfig extends MetricMeanings {
  rule: 'thesis';
  /** In order of priority; the first is the primary metric. */
  metrics: string[];
  classes?: ClassDemand | undefined;
  /** `test` if the config says to choose settings on the test part although another part exists. */
  split?: 'validation' | 'test' | undefined;
  /** Reached when the primary metric is at most this much worse than the baseline's; ≥ 0, in the metric's unit. */
  tolerance: number;
}

/** A sequential one-sided test of non-inferiority on fresh validation runs. */
export interface NonInferiorityRuleConfig extends MetricMeanings {
  rule: 'nonInferiority';
  metrics: string[];
  classes?: ClassDemand | undefined;
  split?: 'validation' | 'test' | undefined;
  /** The largest loss of the primary metric that does not matter; > 0, in the metric's unit (a fraction of 1 for Dice). */
  margin: number;
  /** Probability, over a whole study, of accepting a setting that loses `margin` or more; 0 < alpha ≤ 0.5. */
  alpha: number;
  /** Maximum number of validating runs per candidate setting, ≥ 2. */
  maxRuns: number;
}

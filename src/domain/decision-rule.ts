/** A decision rule as data: which rule, and its numbers. What a user types is `src/config/decision.ts`. */
export type DecisionRuleConfig = ThesisRuleConfig | NonInferiorityRuleConfig;

/** What a rule asks of each class besides the mean over them; left out: `mean`. */
export type ClassDemand = 'mean' | 'found' | 'each';

/** The thesis's rule (§6.4): one run against one run. */
export interface ThesisRuleConfig {
  rule: 'thesis';
  /** In order of priority; the first is the primary metric. */
  metrics: string[];
  classes?: ClassDemand | undefined;
  /** `test` where settings were chosen on the test part although there is another, by the config's word. */
  split?: 'validation' | 'test' | undefined;
  /** Reached when the primary metric is at least the baseline's minus this (fraction ≥ 0). */
  tolerance: number;
}

/** A sequential one-sided test of non-inferiority on fresh validation runs. */
export interface NonInferiorityRuleConfig {
  rule: 'nonInferiority';
  metrics: string[];
  classes?: ClassDemand | undefined;
  split?: 'validation' | 'test' | undefined;
  /** The largest loss of the primary metric that does not matter (fraction > 0). */
  margin: number;
  /** Probability, over a whole study, of accepting a setting that loses `margin` or more; 0 < alpha ≤ 0.5. */
  alpha: number;
  /** Most validating runs per candidate setting, ≥ 2. */
  maxRuns: number;
}

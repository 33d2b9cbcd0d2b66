import type { MetricDefinitions } from '../../src/domain/metric/definition.ts';
import type { Metrics, MetricsSummary } from '../../src/domain/metric/metrics.ts';

/** What a rule may look at: stored results, never a run that is still going. */
export interface Standing {
  /** One entry per baseline run; with `baselineSummary`, one of means. */
  baseline: Metrics[];
  /** A baseline that is known by mean, spread and number of runs alone; the rules reckon with these. */
  baselineSummary?: MetricsSummary | null | undefined;
  /** 1-based: how many settings of this study have entered validation, this one included. */
  candidate: number;
  /** The share of the study's error rate that the looks of earlier settings have left, 0 to 1; left out: they spent all they may. */
  unspent?: number | undefined;
  /** What rare bad runs, as the study's other settings had them, would take from this one's mean (≥ 0); left out: nothing. */
  tailLoss?: number | undefined;
  /** Runs of the setting's earlier validations, which are among those to judge; left out: none. */
  earlierRuns?: number | undefined;
}

/** What a rule saw and what it makes of it. `saw` is the first half of the decision's sentence. */
export interface Judgement<V extends string> {
  verdict: V;
  /** Stable id such as `thesis.reached`. */
  rule: string;
  observed: Record<string, number | string | null>;
  saw: string;
}

/** The result of one run, or null where it diverged. */
export type RunMetrics = Metrics | null;

/** When a result counts as good enough, better or worse. Pure: same evidence, same judgement. */
export interface DecisionRule {
  name: string;
  /** In order of priority; the first is the primary metric. */
  metrics: string[];
  /** What they mean, once that is settled. */
  definitions?: MetricDefinitions | undefined;
  /** Baseline runs the rule needs at least. */
  minimumBaselineRuns: number;
  /** Most runs of one validation. */
  maximumValidationRuns: number;
  /** Is this iteration's run worth validating? */
  screen(run: RunMetrics, standing: Standing): Judgement<'reached' | 'missed'>;
  /** Do the validating runs so far, oldest first, settle it? */
  validate(runs: RunMetrics[], standing: Standing): Judgement<'undecided' | 'confirmed' | 'notConfirmed'>;
}

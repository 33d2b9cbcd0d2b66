import type { MetricDefinitions } from '../../src/domain/metric/definition.ts';
import type { Metrics, MetricsSummary } from '../../src/domain/metric/metrics.ts';

/** What a rule may look at: stored results, never a run in progress. */
export interface Standing {
  /** One entry per baseline run; with `baselineSummary`, one of means. */
  baseline: Metrics[];
  /** A baseline known only by mean, spread and number of runs, which the rules then use. */
  baselineSummary?: MetricsSummary | null | undefined;
  /** 1-based: how many settings of this study have entered validation, this one included. */
  candidate: number;
  /** The share of the study's error rate left by earlier settings' looks, 0 to 1; left out: each spent all it may. */
  unspent?: number | undefined;
  /** Expected loss of this setting's mean through rare bad runs as other settings had them (≥ 0); left out: 0. */
  tailLoss?: number | undefined;
  /** Variance of all repeated settings together (≥ 0), towards which a narrower sample is `widened`; left out: 0. */
  pooledVariance?: number | undefined;
  /** Number of runs to judge that are from the setting's earlier validations; left out: none. */
  earlierRuns?: number | undefined;
}

/** What a rule saw and concluded. `saw` is the first half of the decision's sentence. */
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
  /** What the metrics mean, once known. */
  definitions?: MetricDefinitions | undefined;
  minimumBaselineRuns: number;
  maximumValidationRuns: number;
  /** Whether this iteration's run is worth validating. */
  screen(run: RunMetrics, standing: Standing): Judgement<'reached' | 'missed'>;
  /** Whether the validating runs so far, oldest first, settle it. */
  validate(runs: RunMetrics[], standing: Standing): Judgement<'undecided' | 'confirmed' | 'notConfirmed'>;
}

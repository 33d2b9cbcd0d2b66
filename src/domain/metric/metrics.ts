/** Metric values by name, fractions in 0..1 unless the metric has a unit in its name (`hausdorffMm`). */
export type Metrics = Record<string, number>;

/** Metrics of each class by its name; the background of a segmentation is none of them. */
export type ClassMetrics = Record<string, Metrics>;

/** What a trained network came to on one part of the data. */
export interface PartResult {
  /** `validation`, `test` or the trainer's own word; left out where nobody said. */
  split?: string | undefined;
  metrics: Metrics;
  /** What a predictor that learned nothing reaches on this part, where the trainer says so. */
  trivial?: Metrics | undefined;
  /** Left out where nobody reported any. */
  classes?: ClassMetrics | undefined;
}

/** Results of runs that are known by their statistics alone, metric by metric. */
export interface MetricsSummary {
  mean: Metrics;
  /** Sample standard deviation (n − 1). */
  sd: Metrics;
  /** Runs, each with a seed of its own. */
  n: number;
}

/** The thesis's decision metrics in order of priority (§6.4). `dice` is the mean over foreground classes. */
export const defaultDecisionMetrics = ['dice', 'meanAccuracy', 'meanIoU'];

/** The decision metrics of classification, in order of priority. `macroF1` is the mean of F1 over classes. */
export const defaultClassificationMetrics = ['accuracy', 'macroF1'];

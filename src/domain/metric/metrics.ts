/** Metric values by name, fractions in 0..1 unless the metric has a unit in its name (`hausdorffMm`). */
export type Metrics = Record<string, number>;

/** Metrics of each class by name, excluding the background of a segmentation. */
export type ClassMetrics = Record<string, Metrics>;

/** A trained network's result on one part of the data. */
export interface PartResult {
  /** `validation`, `test` or the trainer's own word; left out if unknown. */
  split?: string | undefined;
  metrics: Metrics;
  /** What a predictor that learned nothing reaches on this part, if the trainer reports it. */
  trivial?: Metrics | undefined;
  /** Left out if none were reported. */
  classes?: ClassMetrics | undefined;
}

/** Results of runs known only by their statistics, metric by metric. */
export interface MetricsSummary {
  mean: Metrics;
  /** Sample standard deviation (n − 1). */
  sd: Metrics;
  /** Number of runs, each with its own seed. */
  n: number;
}

/** The thesis's decision metrics in order of priority (§6.4). `dice` is the mean over foreground classes. */
export const defaultDecisionMetrics = ['dice', 'meanAccuracy', 'meanIoU'];

/** The decision metrics of classification, in order of priority. `macroF1` is the mean of F1 over classes. */
export const defaultClassificationMetrics = ['accuracy', 'macroF1'];

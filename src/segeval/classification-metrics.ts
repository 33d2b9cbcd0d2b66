import type { ConfusionMatrix } from './confusion-matrix.ts';
import { overlapMetrics } from './overlap-metrics.ts';

/** Fractions in 0..1, from the confusion matrix of classified images. */
export interface ClassificationMetrics extends Record<string, number> {
  /** Correct images / images. */
  accuracy: number;
  /** F1 = 2·TP / (2·TP + FP + FN), mean over the classes that occur. */
  macroF1: number;
  /** Recall, mean over the classes of the reference. */
  balancedAccuracy: number;
}

/** F1 is Dice and recall is class accuracy, counted over images instead of pixels. */
export function classificationMetrics(matrix: ConfusionMatrix): ClassificationMetrics {
  const { pixelAccuracy, meanDice, meanAccuracy } = overlapMetrics(matrix);
  return { accuracy: pixelAccuracy, macroF1: meanDice, balancedAccuracy: meanAccuracy };
}

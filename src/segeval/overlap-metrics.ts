import { type ConfusionMatrix, classCounts } from './confusion-matrix.ts';

/** Fractions in 0..1; NaN where a metric is undefined for the data at hand. */
export interface OverlapMetrics extends Record<string, number> {
  /** 2·TP / (2·TP + FP + FN), mean over the FOREGROUND classes (all but class 0): what the thesis's tables show. */
  dice: number;
  /** The same, mean over all classes: the formula of thesis §3.3.2.3. */
  meanDice: number;
  /** Correct pixels / pixels. */
  pixelAccuracy: number;
  /** Recall, mean over the classes of the reference. */
  meanAccuracy: number;
  /** TP / (TP + FP + FN), mean over classes. */
  meanIoU: number;
  /** IoU weighted by the class's share of the reference's pixels. */
  frequencyWeightedIoU: number;
}

/** Metrics that `autopilot eval` reports for all classes together, background included. */
export const allClassesMetricNames = [
  'pixelAccuracy',
  'meanAccuracy',
  'meanIoU',
  'frequencyWeightedIoU',
  'meanDice',
] as const;
export type AllClassesMetricName = (typeof allClassesMetricNames)[number];

/**
 * Thesis §3.3.2.3 from a confusion matrix. Absent classes: a class that is neither in the reference nor predicted has
 * no overlap (NaN) and is left out of every mean; one that is predicted but not in the reference has Dice and IoU 0
 * and no recall; no foreground at all in either makes `dice` NaN.
 */
export function overlapMetrics(matrix: ConfusionMatrix): OverlapMetrics {
  const perClass = Array.from({ length: matrix.classes }, (_, index) => classCounts(matrix, index));
  const pixels = sum(perClass.map(({ reference }) => reference));
  const diceOf = perClass.map(({ hit, reference, predicted }) => (2 * hit) / (reference + predicted));
  const iouOf = perClass.map(({ hit, reference, predicted }) => hit / (reference + predicted - hit));
  return {
    dice: meanOfDefined(diceOf.slice(1)),
    meanDice: meanOfDefined(diceOf),
    pixelAccuracy: sum(perClass.map(({ hit }) => hit)) / pixels,
    meanAccuracy: meanOfDefined(perClass.map(({ hit, reference }) => hit / reference)),
    meanIoU: meanOfDefined(iouOf),
    frequencyWeightedIoU:
      sum(perClass.map(({ reference }, index) => (reference === 0 ? 0 : reference * iouOf[index]!))) / pixels,
  };
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function meanOfDefined(values: number[]): number {
  const defined = values.filter((value) => !Number.isNaN(value));
  return sum(defined) / defined.length;
}

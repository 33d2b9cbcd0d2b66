import { confusionMatrix, countPixels } from './confusion-matrix.ts';
import { type OverlapMetrics, overlapMetrics } from './overlap-metrics.ts';

export interface MaskPair {
  name: string;
  reference: ArrayLike<number>;
  predicted: ArrayLike<number>;
}

export interface MaskEvaluation {
  /** From one matrix over all pixels of all images: large structures count by their size. */
  overall: OverlapMetrics;
  /** Each image by itself. */
  images: { name: string; metrics: OverlapMetrics }[];
}

/** SegEval's core: masks in, numbers out. */
export function evaluateMasks(pairs: Iterable<MaskPair>, { classes }: { classes: number }): MaskEvaluation {
  const total = confusionMatrix(classes);
  const images: MaskEvaluation['images'] = [];
  for (const { name, reference, predicted } of pairs) {
    const matrix = confusionMatrix(classes);
    countPixels(matrix, reference, predicted);
    for (let cell = 0; cell < matrix.counts.length; cell++) {
      total.counts[cell] = total.counts[cell]! + matrix.counts[cell]!;
    }
    images.push({ name, metrics: overlapMetrics(matrix) });
  }
  return { overall: overlapMetrics(total), images };
}

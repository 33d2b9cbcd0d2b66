import { AutopilotError } from '../domain/errors.ts';

/** Pixel counts, row by row: `counts[reference · classes + predicted]`. Sums of matrices are matrices of the union. */
export interface ConfusionMatrix {
  classes: number;
  counts: Float64Array;
}

export function confusionMatrix(classes: number): ConfusionMatrix {
  return { classes, counts: new Float64Array(classes * classes) };
}

/** Adds the pixels of one or more images to the matrix. */
export function countPixels(matrix: ConfusionMatrix, reference: ArrayLike<number>, predicted: ArrayLike<number>): void {
  const { classes, counts } = matrix;
  if (reference.length !== predicted.length) {
    throw new AutopilotError(
      'segeval.size',
      `The reference has ${reference.length} pixels, the prediction ${predicted.length}; they must be the same size.`,
    );
  }
  for (let pixel = 0; pixel < reference.length; pixel++) {
    const truth = classAt(reference, pixel, classes, 'reference');
    const cell = truth * classes + classAt(predicted, pixel, classes, 'prediction');
    counts[cell] = counts[cell]! + 1;
  }
}

/** Pixels of a class: correctly predicted, in the reference, predicted. */
export function classCounts({ classes, counts }: ConfusionMatrix, index: number) {
  let [reference, predicted] = [0, 0];
  for (let other = 0; other < classes; other++) {
    reference += counts[index * classes + other]!;
    predicted += counts[other * classes + index]!;
  }
  return { hit: counts[index * classes + index]!, reference, predicted };
}

function classAt(mask: ArrayLike<number>, pixel: number, classes: number, which: string): number {
  const value = mask[pixel]!;
  if (Number.isInteger(value) && value >= 0 && value < classes) return value;
  throw new AutopilotError(
    'segeval.class',
    `The ${which} has class ${value} at pixel ${pixel}; with ${classes} classes they run from 0 to ${classes - 1}. Set the number of classes, or map the labels.`,
  );
}

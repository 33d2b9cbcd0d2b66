import { expect, it } from 'vitest';
import { classMetrics } from '../../src/segeval/class-metrics.ts';
import { confusionMatrix, countPixels } from '../../src/segeval/confusion-matrix.ts';

function of(reference: number[], predicted: number[], classes: string[], task?: 'classification') {
  const matrix = confusionMatrix(classes.length);
  countPixels(matrix, reference, predicted);
  return classMetrics(matrix, { classes, task });
}

it('measures each class of a segmentation by itself, the background apart', () => {
  expect(of([0, 1, 1, 2, 2, 2], [0, 1, 0, 0, 2, 1], ['background', 'liver', 'tumour'])).toEqual({
    liver: { dice: 1 / 2, iou: 1 / 3, recall: 1 / 2, precision: 1 / 2 },
    tumour: { dice: 1 / 2, iou: 1 / 3, recall: 1 / 3, precision: 1 },
  });
});

it('shows a class that is never found as 0, and one that is not in the reference as undefined', () => {
  const { lost, absent } = of([0, 1, 1], [0, 0, 2], ['background', 'lost', 'absent']);
  expect(lost).toEqual({ dice: 0, iou: 0, recall: 0, precision: Number.NaN });
  expect(absent).toEqual({ dice: Number.NaN, iou: Number.NaN, recall: Number.NaN, precision: 0 });
});

it('gives F1, recall and precision of every class of a classification', () => {
  expect(of([0, 0, 1], [0, 1, 1], ['cat', 'dog'], 'classification')).toEqual({
    cat: { f1: 2 / 3, recall: 1 / 2, precision: 1 },
    dog: { f1: 2 / 3, recall: 1, precision: 1 / 2 },
  });
});

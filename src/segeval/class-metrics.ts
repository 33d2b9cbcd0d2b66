import type { ClassMetrics } from '../domain/metric/metrics.ts';
import type { Task } from '../domain/task.ts';
import { type ConfusionMatrix, classCounts } from './confusion-matrix.ts';

/**
 * Metrics of each class by its name, fractions in 0..1: dice, iou, recall and precision of the foreground classes of a
 * segmentation; f1, recall and precision of every class of a classification. Metrics of a class that the reference
 * lacks are NaN, except for its precision, which is 0 once it is predicted.
 */
export function classMetrics(
  matrix: ConfusionMatrix,
  { classes, task }: { classes: string[]; task?: Task | undefined },
) {
  const classification = task === 'classification';
  const metrics: ClassMetrics = {};
  for (const [index, name] of classes.entries()) {
    if (index === 0 && !classification) continue;
    const { hit, reference, predicted } = classCounts(matrix, index);
    const overlap = reference === 0 ? Number.NaN : (2 * hit) / (reference + predicted);
    const iou = reference === 0 ? Number.NaN : hit / (reference + predicted - hit);
    metrics[name] = {
      ...(classification ? { f1: overlap } : { dice: overlap, iou }),
      recall: hit / reference,
      precision: hit / predicted,
    };
  }
  return metrics;
}

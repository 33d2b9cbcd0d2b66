import { knownMetric, signOf } from '../domain/metric/definition.ts';
import type { Metrics } from '../domain/metric/metrics.ts';
import { confusionMatrix, countPixels } from '../segeval/confusion-matrix.ts';
import type { OpenMetric } from './components/metric.ts';
import type { DatasetShape, Split } from './data/dataset.ts';
import { countImages, taskMetrics } from './predict.ts';
import { labelsPerImage } from './task-shape.ts';

/**
 * What a predictor that learned nothing reaches on a split: for each metric, the best value over the constant
 * predictions, one for each class (background everywhere is an empty mask). The values follow from the labels alone and
 * so are the same on every process. Left out are metrics that are undefined for every constant prediction, and the
 * study's own where their name does not say which values are better.
 */
export function trivialMetrics(dataset: DatasetShape, split: Split, further: readonly OpenMetric[] = []): Metrics {
  const classes = dataset.classes.length;
  const present = confusionMatrix(classes);
  countPixels(present, split.labels, split.labels);
  const best: Metrics = {};
  for (let constant = 0; constant < classes; constant++) {
    const matrix = confusionMatrix(classes);
    for (let truth = 0; truth < classes; truth++) {
      matrix.counts[truth * classes + constant] = present.counts[truth * classes + truth]!;
    }
    const metrics = taskMetrics(matrix, dataset);
    for (const metric of further) {
      if (knownMetric(metric.name) === null) continue;
      const predicted = new Int32Array(split.labels.length).fill(constant);
      metrics[metric.name] = metric.value(countImages(metric, split.labels, predicted, labelsPerImage(dataset)));
    }
    for (const [name, value] of Object.entries(metrics)) {
      const known = knownMetric(name);
      if (known === null || !Number.isFinite(value)) continue;
      const better = best[name] === undefined || signOf(known) * (value - best[name]) > 0;
      if (better) best[name] = value;
    }
  }
  return best;
}

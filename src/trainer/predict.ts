import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Metrics } from '../domain/metrics.ts';
import { classificationMetrics } from '../segeval/classification-metrics.ts';
import { confusionMatrix, countPixels } from '../segeval/confusion-matrix.ts';
import { overlapMetrics } from '../segeval/overlap-metrics.ts';
import type { OpenMetric } from './components/metric.ts';
import type { Dataset, Split } from './data/dataset.ts';
import type { DistributionStrategy } from './strategy/strategy.ts';
import { labelsPerImage } from './task-shape.ts';

const slicesAtOnce = 22;

/** The class of every pixel (or of every image, for classification) of slices `from` to `to` (exclusive). */
export async function predict(
  model: LayersModel,
  dataset: Dataset,
  split: Split,
  from: number,
  to: number,
): Promise<Int32Array> {
  const { height, width, channels } = dataset;
  const pixels = height * width;
  const perImage = labelsPerImage(dataset);
  const predicted = new Int32Array((to - from) * perImage);
  for (let start = from; start < to; start += slicesAtOnce) {
    const end = Math.min(to, start + slicesAtOnce);
    const classes = tf.tidy(() => {
      const shape: [number, number, number, number] = [end - start, height, width, channels];
      const images = tf.tensor4d(split.images.slice(start * pixels * channels, end * pixels * channels), shape);
      return tf.argMax(model.apply(images, { training: false }) as tf.Tensor, -1);
    });
    predicted.set(await classes.data<'int32'>(), (start - from) * perImage);
    classes.dispose();
  }
  return predicted;
}

/** Metrics over all slices of a split, the study's own included; each process counts its part, and the counts are summed. */
export async function evaluateSplit(
  model: LayersModel,
  dataset: Dataset,
  split: Split,
  { process, processes, sum }: Pick<DistributionStrategy, 'process' | 'processes' | 'sum'>,
  further: readonly OpenMetric[] = [],
): Promise<Metrics> {
  const from = Math.floor((split.count * process) / processes);
  const to = Math.floor((split.count * (process + 1)) / processes);
  const matrix = confusionMatrix(dataset.classes.length);
  const perImage = labelsPerImage(dataset);
  const reference = split.labels.subarray(from * perImage, to * perImage);
  const predicted = await predict(model, dataset, split, from, to);
  countPixels(matrix, reference, predicted);
  await sum(matrix.counts);
  const metrics: Metrics =
    dataset.task === 'classification' ? classificationMetrics(matrix) : { ...overlapMetrics(matrix) };
  for (const metric of further) {
    const sums = new Float64Array(metric.counts);
    for (let start = 0; start < reference.length; start += perImage) {
      const end = start + perImage;
      const counts = metric.count(reference.subarray(start, end), predicted.subarray(start, end));
      for (let index = 0; index < sums.length; index++) sums[index] = sums[index]! + counts[index]!;
    }
    await sum(sums);
    metrics[metric.name] = metric.value(sums);
  }
  return metrics;
}

import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Metrics, PartResult } from '../domain/metric/metrics.ts';
import { classMetrics } from '../segeval/class-metrics.ts';
import { classificationMetrics } from '../segeval/classification-metrics.ts';
import { type ConfusionMatrix, confusionMatrix, countPixels } from '../segeval/confusion-matrix.ts';
import { overlapMetrics } from '../segeval/overlap-metrics.ts';
import type { OpenMetric } from './components/metric.ts';
import type { Dataset, Split } from './data/dataset.ts';
import type { DistributionStrategy } from './strategy/strategy.ts';
import { labelsPerImage } from './task-shape.ts';

const slicesAtOnce = 22;

/** A network for inference: slices [n, h, w, channels] to scores [n, h, w, classes], [n, classes] for whole images. */
export type Scores = (slices: tf.Tensor4D) => tf.Tensor;

export function scoresOf(model: LayersModel): Scores {
  return (slices) => model.apply(slices, { training: false }) as tf.Tensor;
}

/** The class of every pixel (or of every image, for classification) of slices `from` to `to` (exclusive). */
export async function predict(
  scores: Scores,
  dataset: Dataset,
  split: Split,
  from: number,
  to: number,
): Promise<Int32Array> {
  const { height, width, channels, classes } = dataset;
  const pixels = height * width;
  const perImage = labelsPerImage(dataset);
  const predicted = new Int32Array((to - from) * perImage);
  for (let start = from; start < to; start += slicesAtOnce) {
    const end = Math.min(to, start + slicesAtOnce);
    const batch = tf.tidy(() => {
      const shape: [number, number, number, number] = [end - start, height, width, channels];
      return scores(tf.tensor4d(split.images.slice(start * pixels * channels, end * pixels * channels), shape));
    });
    predicted.set(largest(await batch.data<'float32'>(), classes.length), (start - from) * perImage);
    batch.dispose();
  }
  return predicted;
}

/** The index of the largest of every `length` values; the first of equal ones. */
function largest(values: Float32Array, length: number): Int32Array {
  const indices = new Int32Array(values.length / length);
  for (let row = 0, at = 0; row < indices.length; row++, at += length) {
    let best = 0;
    for (let index = 1; index < length; index++) if (values[at + index]! > values[at + best]!) best = index;
    indices[row] = best;
  }
  return indices;
}

/**
 * Metrics over all slices of a split, including the study's own, and metrics by class. Each process counts its share,
 * and the counts are summed.
 */
export async function evaluateSplit(
  scores: Scores,
  dataset: Dataset,
  split: Split,
  { process, processes, sum }: Pick<DistributionStrategy, 'process' | 'processes' | 'sum'>,
  further: readonly OpenMetric[] = [],
): Promise<Required<Pick<PartResult, 'metrics' | 'classes'>>> {
  const from = Math.floor((split.count * process) / processes);
  const to = Math.floor((split.count * (process + 1)) / processes);
  const matrix = confusionMatrix(dataset.classes.length);
  const perImage = labelsPerImage(dataset);
  const reference = split.labels.subarray(from * perImage, to * perImage);
  const predicted = await predict(scores, dataset, split, from, to);
  countPixels(matrix, reference, predicted);
  await sum(matrix.counts);
  const metrics = taskMetrics(matrix, dataset);
  for (const metric of further) {
    const sums = countImages(metric, reference, predicted, perImage);
    await sum(sums);
    metrics[metric.name] = metric.value(sums);
  }
  return { metrics, classes: classMetrics(matrix, dataset) };
}

/** The task's own metrics. */
export function taskMetrics(matrix: ConfusionMatrix, { task }: Pick<Dataset, 'task'>): Metrics {
  return task === 'classification' ? classificationMetrics(matrix) : { ...overlapMetrics(matrix) };
}

/** The counts of one of the study's own metrics, summed over images of `perImage` labels each. */
export function countImages(
  metric: OpenMetric,
  reference: Uint8Array,
  predicted: Int32Array,
  perImage: number,
): Float64Array {
  const sums = new Float64Array(metric.counts);
  for (let start = 0; start < reference.length; start += perImage) {
    const end = start + perImage;
    const counts = metric.count(reference.subarray(start, end), predicted.subarray(start, end));
    for (let index = 0; index < sums.length; index++) sums[index] = sums[index]! + counts[index]!;
  }
  return sums;
}

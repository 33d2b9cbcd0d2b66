import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { confusionMatrix, countPixels } from '../segeval/confusion-matrix.ts';
import { type OverlapMetrics, overlapMetrics } from '../segeval/overlap-metrics.ts';
import type { Dataset, Split } from './data/dataset.ts';
import type { DistributionStrategy } from './strategy/strategy.ts';

const slicesAtOnce = 22;

/** The class of every pixel of slices `from` to `to` (exclusive). */
export async function predict(
  model: LayersModel,
  { height, width, channels }: Dataset,
  split: Split,
  from: number,
  to: number,
): Promise<Int32Array> {
  const pixels = height * width;
  const predicted = new Int32Array((to - from) * pixels);
  for (let start = from; start < to; start += slicesAtOnce) {
    const end = Math.min(to, start + slicesAtOnce);
    const classes = tf.tidy(() => {
      const shape: [number, number, number, number] = [end - start, height, width, channels];
      const images = tf.tensor4d(split.images.slice(start * pixels * channels, end * pixels * channels), shape);
      return tf.argMax(model.apply(images, { training: false }) as tf.Tensor4D, 3);
    });
    predicted.set(await classes.data<'int32'>(), (start - from) * pixels);
    classes.dispose();
  }
  return predicted;
}

/** Metrics over all slices of a split; each process counts its part, and the counts are summed. */
export async function evaluateSplit(
  model: LayersModel,
  dataset: Dataset,
  split: Split,
  { process, processes, sum }: Pick<DistributionStrategy, 'process' | 'processes' | 'sum'>,
): Promise<OverlapMetrics> {
  const from = Math.floor((split.count * process) / processes);
  const to = Math.floor((split.count * (process + 1)) / processes);
  const matrix = confusionMatrix(dataset.classes.length);
  const pixels = dataset.height * dataset.width;
  countPixels(
    matrix,
    split.labels.subarray(from * pixels, to * pixels),
    await predict(model, dataset, split, from, to),
  );
  await sum(matrix.counts);
  return overlapMetrics(matrix);
}

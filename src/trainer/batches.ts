import * as tf from '@tensorflow/tfjs-core';
import { AutopilotError } from '../domain/errors.ts';
import { type SliceReader, storedSlice } from './data/augmentation.ts';
import type { Dataset, Split } from './data/dataset.ts';
import { seededRandom, shuffled } from './random.ts';
import { labelsPerImage, scoresShape } from './task-shape.ts';

export interface BatchSampler {
  stepsPerEpoch: number;
  batchPerWorker: number;
  /** The slices of one step for the given ranks, in their order; the same on every process. */
  slicesFor(step: number, ranks: readonly number[]): Uint32Array;
}

/**
 * Every epoch shuffles the slices anew from the seed; each step takes the next k·b of them, and rank r the r-th b of
 * those. Slices that do not fill a whole step are left out of that epoch.
 */
export function batchSampler({
  slices,
  workers,
  batchPerWorker,
  seed,
}: {
  slices: number;
  workers: number;
  batchPerWorker: number;
  seed: number;
}): BatchSampler {
  const perStep = workers * batchPerWorker;
  const stepsPerEpoch = Math.floor(slices / perStep);
  if (stepsPerEpoch === 0) {
    throw new AutopilotError(
      'data.tooFew',
      `workers × batchPerWorker is ${workers} × ${batchPerWorker} = ${perStep}, more than the ${slices} training slices. Use fewer workers or a smaller batch.`,
    );
  }
  let drawn: { epoch: number; order: Uint32Array } = { epoch: -1, order: new Uint32Array(0) };
  return {
    stepsPerEpoch,
    batchPerWorker,
    slicesFor(step, ranks) {
      const epoch = Math.floor(step / stepsPerEpoch);
      if (drawn.epoch !== epoch) drawn = { epoch, order: shuffled(slices, seededRandom(seed, `epoch-${epoch}`)) };
      const from = (step % stepsPerEpoch) * perStep;
      const chosen = new Uint32Array(ranks.length * batchPerWorker);
      ranks.forEach((rank, index) => {
        const start = from + rank * batchPerWorker;
        chosen.set(drawn.order.subarray(start, start + batchPerWorker), index * batchPerWorker);
      });
      return chosen;
    },
  };
}

/** Copies the chosen slices into tensors: images and one-hot labels. */
export function batchTensors(
  dataset: Dataset,
  split: Split,
  chosen: ArrayLike<number>,
  read: SliceReader = storedSlice(dataset),
) {
  const { height, width, channels, classes } = dataset;
  const pixels = height * width;
  const perImage = labelsPerImage(dataset);
  const images = new Float32Array(chosen.length * pixels * channels);
  const labels = new Float32Array(chosen.length * perImage * classes.length);
  for (let index = 0; index < chosen.length; index++) {
    const slice = read(split, chosen[index]!);
    images.set(slice.image, index * pixels * channels);
    for (let label = 0; label < perImage; label++) {
      labels[(index * perImage + label) * classes.length + slice.labels[label]!] = 1;
    }
  }
  return {
    images: tf.tensor4d(images, [chosen.length, height, width, channels]),
    labels: tf.tensor(labels, scoresShape(dataset, chosen.length)),
  };
}

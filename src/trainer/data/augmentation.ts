import { type AugmentOptions, augmentSlice } from '../../imgmed/augment.ts';
import { randomFor } from '../../imgmed/random.ts';
import { labelsPerImage } from '../task-shape.ts';
import type { Dataset, Split } from './dataset.ts';

/** Image and labels of one training slice, as a batch takes them. */
export interface BatchSlice {
  image: Float32Array;
  labels: Uint8Array;
}

export type SliceReader = (split: Split, slice: number) => BatchSlice;

/** A slice as it is stored, without copying. */
export function storedSlice(dataset: Dataset): SliceReader {
  const values = dataset.height * dataset.width * dataset.channels;
  const perImage = labelsPerImage(dataset);
  return ({ images, labels }, slice) => ({
    image: images.subarray(slice * values, (slice + 1) * values),
    labels: labels.subarray(slice * perImage, (slice + 1) * perImage),
  });
}

export interface AugmentedSliceOptions {
  dataset: Dataset;
  options: AugmentOptions;
  /** The run's. */
  seed: number;
  /** 0-based. */
  epoch: number;
}

/**
 * Changes slices at random, anew in each epoch. The draws depend on seed, epoch and slice alone, so any number of
 * workers sees the same pictures, and so does a resumed training. The label of a whole image stays the same.
 */
export function augmentedSlice({ dataset, options, seed, epoch }: AugmentedSliceOptions): SliceReader {
  const stored = storedSlice(dataset);
  const { height, width, channels } = dataset;
  return (split, slice) => {
    const { image, labels } = stored(split, slice);
    const perPixel = labels.length === height * width;
    const masked = perPixel ? labels : new Uint8Array(height * width);
    const random = randomFor(seed, 'augmentation', epoch, slice);
    const changed = augmentSlice({ height, width, channels, image, labels: masked }, options, random);
    return { image: changed.image, labels: perPixel ? changed.labels : labels };
  };
}

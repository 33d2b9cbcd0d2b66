import { AutopilotError } from '../../domain/errors.ts';
import { type AugmentOptions, augmentSlice, type Slice } from '../augment.ts';
import { type Random, randomFor } from '../random.ts';
import { geometryDifference, type Volume, voxelCount } from '../volume/volume.ts';
import { roundedLike } from './rounded.ts';

/** Draws of a copy's movement, which come first in a stream; the rest is noise. */
const drawsOfMovement = 6;

export interface AugmentedImage {
  scan: Volume;
  /** The mask moved like the scan; null without a mask. */
  mask: Volume | null;
}

/**
 * A randomly rotated, zoomed, shifted, mirrored and noisy copy, as training slices are augmented: all slices of the
 * last axis move alike, and so does the mask, by nearest voxel (0 outside). The same seed and name give the same copy.
 * Labels must be 0 … 255.
 */
export function augmentImage(
  scan: Volume,
  mask: Volume | null,
  options: AugmentOptions,
  seed: number,
  ...name: (string | number)[]
): AugmentedImage {
  const difference = mask === null ? null : geometryDifference(scan, mask);
  if (difference !== null)
    throw new AutopilotError('image.geometry', `mask and scan are not on the same grid: ${difference}`);
  const odd = mask?.data.find((value: number) => !Number.isInteger(value) || value < 0 || value > 255);
  if (odd !== undefined)
    throw new AutopilotError('image.labels', `the mask holds ${odd}, but labels are 0 to 255 here`);
  const random = randomFor(seed, 'augment', ...name);
  const movement = Array.from({ length: drawsOfMovement }, () => random());
  const [width, height, depth] = scan.size;
  const pixels = width * height;
  const values = new Float32Array(scan.data.length);
  const labels = new Uint8Array(mask === null ? 0 : mask.data.length);
  for (let z = 0; z < depth; z++) {
    const slice = augmentSlice(sliceAt(scan, mask, z), options, after(movement, random));
    for (let channel = 0; channel < scan.channels; channel++) {
      const offset = channel * voxelCount(scan) + z * pixels;
      for (let pixel = 0; pixel < pixels; pixel++)
        values[offset + pixel] = slice.image[pixel * scan.channels + channel]!;
    }
    if (mask !== null) labels.set(slice.labels, z * pixels);
  }
  return {
    scan: { ...scan, data: roundedLike(values, scan.data) },
    mask: mask === null ? null : { ...mask, data: labels },
  };
}

function sliceAt(scan: Volume, mask: Volume | null, z: number): Slice {
  const { channels, data } = scan;
  const [width, height] = scan.size;
  const pixels = width * height;
  const image = new Float32Array(pixels * channels);
  for (let channel = 0; channel < channels; channel++) {
    const offset = channel * voxelCount(scan) + z * pixels;
    for (let pixel = 0; pixel < pixels; pixel++) image[pixel * channels + channel] = data[offset + pixel]!;
  }
  const labels =
    mask === null ? new Uint8Array(pixels) : Uint8Array.from(mask.data.subarray(z * pixels, (z + 1) * pixels));
  return { height, width, channels, image, labels };
}

/** The given numbers, followed by those of the stream. */
function after(numbers: readonly number[], random: Random): Random {
  let next = 0;
  return () => (next < numbers.length ? numbers[next++]! : random());
}

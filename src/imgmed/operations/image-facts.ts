import { affineOf } from '../volume/affine.ts';
import { orientationOf } from '../volume/orientation.ts';
import type { Triple, Volume } from '../volume/volume.ts';

/** Numeric summary of an image file. */
export interface ImageFacts {
  size: Triple;
  channels: number;
  /** Number type after slopes and intercepts: `uint8` … `float64`. */
  type: string;
  spacingMm: Triple;
  /** Letters of the directions in which the axes grow. */
  orientation: string;
  /** Voxel index to millimetres, right-anterior-superior, as nibabel's `affine`; 4 rows. */
  affine: number[][];
  min: number;
  max: number;
  mean: number;
  /** Number of NaN or infinite values, which `min`, `max` and `mean` leave out. */
  notFinite: number;
  /** Number of colours in the palette that the values index; null without a palette. */
  colours: number | null;
  notes: readonly string[];
}

export function imageFacts(volume: Volume): ImageFacts {
  const { size, channels, data, spacingMm, palette, notes = [] } = volume;
  let [min, max, sum, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let index = 0; index < data.length; index++) {
    const value = data[index]!;
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    count += 1;
  }
  return {
    ...{ size, channels, spacingMm },
    type: data.constructor.name.replace('Array', '').toLowerCase(),
    orientation: orientationOf(volume),
    affine: affineOf(volume),
    ...(count === 0 ? { min: Number.NaN, max: Number.NaN, mean: Number.NaN } : { min, max, mean: sum / count }),
    notFinite: data.length - count,
    colours: palette === undefined ? null : palette.length / 3,
    notes,
  };
}

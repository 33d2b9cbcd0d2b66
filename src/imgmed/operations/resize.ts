import { AutopilotError } from '../../domain/errors.ts';
import type { Order } from '../volume/axis-taps.ts';
import { resampleVolume, resizeVolume } from '../volume/resample.ts';
import type { Triple, Volume } from '../volume/volume.ts';
import { roundedLike } from './rounded.ts';

export interface ResizeImageOptions {
  /** Voxels along i, j and k; k is kept if omitted. Give either this or `spacingMm`. */
  size?: readonly number[] | undefined;
  /** Voxel lengths in millimetres along i, j and k; sizes are rounded so that the extent is kept. */
  spacingMm?: Triple | undefined;
  /** 0: nearest, for labels; 1: linear; 3: cubic spline. */
  order?: Order;
  /** Order 1 only: when shrinking, average all the voxels an output voxel covers. */
  antialias?: boolean;
  /** Round interpolated values back to the stored number type, as pictures need; else they become 32-bit floats. */
  keepType?: boolean;
}

/** A volume resized or resampled over the same extent. */
export function resizeImage(
  volume: Volume,
  { size, spacingMm, order = 1, antialias = true, keepType = false }: ResizeImageOptions,
): Volume {
  if ((size === undefined) === (spacingMm === undefined)) {
    throw new AutopilotError('image.resize', 'give either the size in voxels or the spacing in millimetres');
  }
  const options = { order, antialias };
  const result =
    spacingMm === undefined
      ? resizeVolume(volume, [size![0]!, size![1]!, size![2] ?? volume.size[2]], options)
      : resampleVolume(volume, spacingMm, options);
  return keepType && order > 0 ? { ...result, data: roundedLike(result.data, volume.data) } : result;
}

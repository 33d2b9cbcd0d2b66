import { emptyLike } from '../volume/crop.ts';
import type { VoxelArray } from '../volume/volume.ts';

const limits: Record<string, [number, number]> = {
  Uint8Array: [0, 255],
  Int8Array: [-128, 127],
  Uint16Array: [0, 65_535],
  Int16Array: [-32_768, 32_767],
  Uint32Array: [0, 4_294_967_295],
  Int32Array: [-2_147_483_648, 2_147_483_647],
};

/** Values in the number type of `like`: halves go up, values beyond the type's limits are clipped, floats are kept. */
export function roundedLike(values: VoxelArray, like: VoxelArray): VoxelArray {
  const range = limits[like.constructor.name];
  if (range === undefined) return values;
  const result = emptyLike(like, values.length);
  for (let index = 0; index < values.length; index++)
    result[index] = Math.min(range[1], Math.max(range[0], Math.floor(values[index]! + 0.5)));
  return result;
}

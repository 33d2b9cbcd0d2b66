import type { Triple, Volume, VoxelArray } from './volume.ts';

/** First and one-past-last index along each axis. */
export interface Box {
  from: Triple;
  to: Triple;
}

/** The smallest box around all voxels that are non-zero in any channel; null when there are none. */
export function boundingBox({ data, size, channels }: Pick<Volume, 'data' | 'size' | 'channels'>): Box | null {
  const from: Triple = [...size];
  const to: Triple = [0, 0, 0];
  let index = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let k = 0; k < size[2]; k++) {
      for (let j = 0; j < size[1]; j++) {
        for (let i = 0; i < size[0]; i++) {
          if (data[index++] === 0) continue;
          if (i < from[0]) from[0] = i;
          if (i >= to[0]) to[0] = i + 1;
          if (j < from[1]) from[1] = j;
          if (j >= to[1]) to[1] = j + 1;
          if (k < from[2]) from[2] = k;
          if (k >= to[2]) to[2] = k + 1;
        }
      }
    }
  }
  return to[0] === 0 ? null : { from, to };
}

/** The box enlarged by `marginMm` on every side, within the volume. */
export function widenBox({ from, to }: Box, { size, spacingMm }: Volume, marginMm: number): Box {
  const margins = spacingMm.map((length) => Math.ceil(marginMm / length));
  return {
    from: from.map((value, axis) => Math.max(0, value - margins[axis]!)) as Triple,
    to: to.map((value, axis) => Math.min(size[axis]!, value + margins[axis]!)) as Triple,
  };
}

/** The part of a volume inside the box; the remaining voxels keep their place in space. */
export function crop(volume: Volume, { from, to }: Box): Volume {
  const size = to.map((end, axis) => end - from[axis]!) as Triple;
  const data = emptyLike(volume.data, size[0] * size[1] * size[2] * volume.channels);
  const [width, height, depth] = volume.size;
  let target = 0;
  for (let channel = 0; channel < volume.channels; channel++) {
    for (let k = from[2]; k < to[2]; k++) {
      for (let j = from[1]; j < to[1]; j++) {
        const row = ((channel * depth + k) * height + j) * width;
        data.set(volume.data.subarray(row + from[0], row + to[0]), target);
        target += size[0];
      }
    }
  }
  const originMm = volume.originMm.map((value, row) =>
    from.reduce<number>(
      (sum, index, axis) => sum + volume.direction[row * 3 + axis]! * index * volume.spacingMm[axis]!,
      value,
    ),
  ) as Triple;
  return { ...volume, size, originMm, data };
}

/** A new array of the same number type. */
export function emptyLike(data: VoxelArray, length: number): VoxelArray {
  return new (data.constructor as new (length: number) => VoxelArray)(length);
}

import { type AxisTaps, axisTaps, type Order } from './axis-taps.ts';
import { emptyLike } from './crop.ts';
import { splineFilterLine } from './spline-filter.ts';
import type { Triple, Volume, VoxelArray } from './volume.ts';

export interface ResizeOptions {
  order: Order;
  /** Order 1 only: when shrinking, average all the voxels an output voxel covers. */
  antialias?: boolean;
}

/** Resizes a grid of any number of axes, first axis fastest; every axis keeps its extent. */
export function resizeGrid(
  data: Float32Array,
  from: readonly number[],
  to: readonly number[],
  { order, antialias = false }: ResizeOptions,
): Float32Array {
  if (order === 0) return resizeNearest(data, from, to);
  return eachAxis(data, from, to, (source, inner, length, target) => {
    const taps = axisTaps({ from: length, to: target, order, antialias });
    return weighted(order === 3 ? splineCoefficients(source, inner, length) : source, inner, length, taps);
  });
}

/** As `resizeGrid`, but by nearest sample, for labels: no new values appear. */
export function resizeNearest<T extends VoxelArray>(data: T, from: readonly number[], to: readonly number[]): T {
  return eachAxis(data, from, to, (source, inner, length, target) => {
    const { indices } = axisTaps({ from: length, to: target, order: 0 });
    return picked(source, inner, length, indices);
  });
}

/** Resizes each class's share linearly and takes the strongest class: smooth borders, and no class between two. */
export function resizeStrongest(
  numbers: Uint8Array,
  from: readonly number[],
  to: readonly number[],
  classes: number,
): Uint8Array {
  if (from.every((length, axis) => length === to[axis])) return numbers;
  const result = new Uint8Array(to.reduce((product, length) => product * length, 1));
  const best = new Float32Array(result.length).fill(Number.NEGATIVE_INFINITY);
  const share = new Float32Array(numbers.length);
  for (let number = 0; number < classes; number++) {
    for (let index = 0; index < numbers.length; index++) share[index] = numbers[index] === number ? 1 : 0;
    const resized = resizeGrid(share, from, to, { order: 1, antialias: true });
    for (let index = 0; index < result.length; index++) {
      if (resized[index]! <= best[index]!) continue;
      best[index] = resized[index]!;
      result[index] = number;
    }
  }
  return result;
}

/** Resizes one axis after the other; `inner` is the distance in values between neighbours along it. */
function eachAxis<T>(
  data: T,
  from: readonly number[],
  to: readonly number[],
  resizeAxis: (source: T, inner: number, length: number, target: number) => T,
): T {
  let result = data;
  let inner = 1;
  for (const [axis, length] of from.entries()) {
    if (length !== to[axis]) result = resizeAxis(result, inner, length, to[axis]!);
    inner *= to[axis]!;
  }
  return result;
}

/** Every output sample is a weighted sum of `taps.width` source samples. */
function weighted(source: Float32Array, inner: number, length: number, taps: AxisTaps): Float32Array {
  const outer = source.length / (inner * length);
  const result = new Float32Array(outer * taps.length * inner);
  const { width, indices, weights } = taps;
  for (let block = 0; block < outer; block++) {
    const sourceBlock = block * length * inner;
    for (let output = 0; output < taps.length; output++) {
      const target = (block * taps.length + output) * inner;
      const first = output * width;
      if (inner === 1) {
        let sum = 0;
        for (let tap = first; tap < first + width; tap++) sum += weights[tap]! * source[sourceBlock + indices[tap]!]!;
        result[target] = sum;
        continue;
      }
      for (let tap = first; tap < first + width; tap++) {
        const weight = weights[tap]!;
        if (weight === 0) continue;
        const from = sourceBlock + indices[tap]! * inner;
        for (let index = 0; index < inner; index++) result[target + index]! += weight * source[from + index]!;
      }
    }
  }
  return result;
}

function picked<T extends VoxelArray>(source: T, inner: number, length: number, indices: Int32Array): T {
  const outer = source.length / (inner * length);
  const result = emptyLike(source, outer * indices.length * inner) as T;
  let target = 0;
  for (let block = 0; block < outer; block++) {
    for (let output = 0; output < indices.length; output++) {
      const from = (block * length + indices[output]!) * inner;
      if (inner < 16) for (let index = 0; index < inner; index++) result[target + index] = source[from + index]!;
      else result.set(source.subarray(from, from + inner), target);
      target += inner;
    }
  }
  return result;
}

function splineCoefficients(data: Float32Array, inner: number, length: number): Float32Array {
  const result = new Float32Array(data.length);
  const line = new Float64Array(length);
  const outer = data.length / (inner * length);
  for (let block = 0; block < outer; block++) {
    for (let offset = 0; offset < inner; offset++) {
      const start = block * length * inner + offset;
      for (let index = 0; index < length; index++) line[index] = data[start + index * inner]!;
      splineFilterLine(line);
      for (let index = 0; index < length; index++) result[start + index * inner] = line[index]!;
    }
  }
  return result;
}

/** A volume on a grid of another size over the same extent; interpolated values become 32-bit floats. */
export function resizeVolume(volume: Volume, size: Triple, options: ResizeOptions): Volume {
  const scale = volume.size.map((length, axis) => length / size[axis]!) as Triple;
  const spacingMm = volume.spacingMm.map((length, axis) => length * scale[axis]!) as Triple;
  // The first centre moves by half the change of the voxel's length, along each axis.
  const shift = scale.map((factor, axis) => ((factor - 1) / 2) * volume.spacingMm[axis]!);
  const originMm = volume.originMm.map(
    (value, row) =>
      value + shift.reduce((sum, length, column) => sum + volume.direction[row * 3 + column]! * length, 0),
  ) as Triple;
  const [from, to] = [
    [...volume.size, volume.channels],
    [...size, volume.channels],
  ];
  const data =
    options.order === 0
      ? resizeNearest(volume.data, from, to)
      : resizeGrid(new Float32Array(volume.data), from, to, options);
  return { ...volume, size, spacingMm, originMm, data };
}

/** A volume with voxels of (nearly) the given lengths: sizes are rounded, so the extent stays exact. */
export function resampleVolume(volume: Volume, spacingMm: Triple, options: ResizeOptions): Volume {
  const size = volume.size.map((length, axis) =>
    Math.max(1, Math.round((length * volume.spacingMm[axis]!) / spacingMm[axis]!)),
  ) as Triple;
  return resizeVolume(volume, size, options);
}

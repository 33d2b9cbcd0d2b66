import { type AxisTaps, axisTaps, type Order } from './axis-taps.ts';
import { splineFilterLine } from './spline-filter.ts';
import type { Triple, Volume } from './volume.ts';

export interface ResizeOptions {
  order: Order;
  /** Order 1 only: when shrinking, average all the voxels an output voxel covers. */
  antialias?: boolean;
}

/** A grid of any number of axes, first axis fastest, resized to `to`; every axis keeps its extent. */
export function resizeGrid(
  data: Float32Array,
  from: readonly number[],
  to: readonly number[],
  { order, antialias = false }: ResizeOptions,
): Float32Array {
  let result = data;
  const size = [...from];
  for (let axis = 0; axis < size.length; axis++) {
    if (size[axis] === to[axis]) continue;
    const taps = axisTaps({ from: size[axis]!, to: to[axis]!, order, antialias });
    const inner = size.slice(0, axis).reduce((product, length) => product * length, 1);
    result = resizeAxis(result, inner, size[axis]!, taps, order);
    size[axis] = to[axis]!;
  }
  return result;
}

/** Resizes one axis; `inner` is the number of values between two neighbours along it. */
function resizeAxis(data: Float32Array, inner: number, length: number, taps: AxisTaps, order: Order): Float32Array {
  const source = order === 3 ? splineCoefficients(data, inner, length) : data;
  const outer = data.length / (inner * length);
  const result = new Float32Array(outer * taps.length * inner);
  const { width, indices, weights } = taps;
  for (let block = 0; block < outer; block++) {
    const sourceBlock = block * length * inner;
    for (let output = 0; output < taps.length; output++) {
      const target = (block * taps.length + output) * inner;
      for (let tap = 0; tap < width; tap++) {
        const weight = weights[output * width + tap]!;
        const from = sourceBlock + indices[output * width + tap]! * inner;
        if (weight === 0) continue;
        for (let index = 0; index < inner; index++) result[target + index]! += weight * source[from + index]!;
      }
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

/** A volume on a grid of another size over the same extent; values become 32-bit floats. */
export function resizeVolume(volume: Volume, size: Triple, options: ResizeOptions): Volume {
  const scale = volume.size.map((length, axis) => length / size[axis]!) as Triple;
  const spacingMm = volume.spacingMm.map((length, axis) => length * scale[axis]!) as Triple;
  // The first centre moves by half the change of the voxel's length, along each axis.
  const shift = scale.map((factor, axis) => ((factor - 1) / 2) * volume.spacingMm[axis]!);
  const originMm = volume.originMm.map(
    (value, row) =>
      value + shift.reduce((sum, length, column) => sum + volume.direction[row * 3 + column]! * length, 0),
  ) as Triple;
  const data = resizeGrid(
    Float32Array.from(volume.data),
    [...volume.size, volume.channels],
    [...size, volume.channels],
    options,
  );
  return { ...volume, size, spacingMm, originMm, data };
}

/** A volume with voxels of (nearly) the given lengths: sizes are rounded, so the extent stays exact. */
export function resampleVolume(volume: Volume, spacingMm: Triple, options: ResizeOptions): Volume {
  const size = volume.size.map((length, axis) =>
    Math.max(1, Math.round((length * volume.spacingMm[axis]!) / spacingMm[axis]!)),
  ) as Triple;
  return resizeVolume(volume, size, options);
}

/** 0: nearest (labels), 1: linear, 3: cubic B-spline through the samples. */
export type Order = 0 | 1 | 3;

/** Source samples that make up each output sample of one axis, `width` for each, weighted. */
export interface AxisTaps {
  length: number;
  width: number;
  /** Source indices, `width` per output sample, already mirrored into the axis. */
  indices: Int32Array;
  weights: Float64Array;
}

export interface AxisTapsOptions {
  from: number;
  to: number;
  /** Source samples per output sample; the default, from / to, keeps the extent. */
  step?: number;
  order: Order;
  /** Widen the linear kernel when shrinking, so that every source sample counts (as PIL's BILINEAR). */
  antialias?: boolean;
}

/**
 * Taps for an axis resampled with its extent kept: output centre o lies at (o + ½)·step − ½ in source samples.
 * Beyond its ends the axis continues as its mirror image (…b a | a b …), SciPy's mode `reflect` with `grid_mode`.
 */
export function axisTaps({ from, to, step = from / to, order, antialias = false }: AxisTapsOptions): AxisTaps {
  const widening = antialias && order === 1 ? Math.max(1, step) : 1;
  const width = order === 0 ? 1 : order === 3 ? 4 : 2 * Math.ceil(widening);
  const indices = new Int32Array(to * width);
  const weights = new Float64Array(to * width);
  for (let output = 0; output < to; output++) {
    const centre = (output + 0.5) * step - 0.5;
    const first = order === 0 ? Math.floor(centre + 0.5) : Math.floor(centre) - width / 2 + 1;
    let sum = 0;
    for (let tap = 0; tap < width; tap++) {
      const weight = order === 0 ? 1 : kernel(order, (first + tap - centre) / widening);
      indices[output * width + tap] = mirrored(first + tap, from);
      weights[output * width + tap] = weight;
      sum += weight;
    }
    for (let tap = 0; tap < width; tap++) weights[output * width + tap]! /= sum;
  }
  return { length: to, width, indices, weights };
}

function kernel(order: 1 | 3, distance: number): number {
  const x = Math.abs(distance);
  if (order === 1) return Math.max(0, 1 - x);
  if (x < 1) return 2 / 3 - x * x + (x * x * x) / 2;
  return x < 2 ? (2 - x) ** 3 / 6 : 0;
}

/** Index reflected about the half-sample ends, period 2·length. */
export function mirrored(index: number, length: number): number {
  const period = 2 * length;
  const inside = ((index % period) + period) % period;
  return inside < length ? inside : period - 1 - inside;
}

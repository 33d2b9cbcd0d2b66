import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import { type Device, openEmbeddedDevice, openNativeDevice, registerBackend } from '../../src/index.ts';

/** A registered back end under test. */
export interface BackendUnderTest {
  name: string;
  exact: boolean;
}

const openers: Record<string, (threads: number) => Promise<Device>> = {
  simd: (threads) => openEmbeddedDevice({ isa: 'simd', threads }),
  embedded: (threads) => openEmbeddedDevice({ threads }),
  sse: (threads) => openNativeDevice({ isa: 'sse', threads }),
  avx2: (threads) => openNativeDevice({ isa: 'avx2', threads }),
  avx512: (threads) => openNativeDevice({ isa: 'avx512', threads }),
};

/** Every instruction set that this machine runs, with one and two threads, with Winograd and direct convolution. */
export async function backendsUnderTest(): Promise<BackendUnderTest[]> {
  const result: BackendUnderTest[] = [];
  for (const [isa, open] of Object.entries(openers)) {
    try {
      await (await open(1)).dispose();
    } catch {
      continue;
    }
    for (const threads of [1, 2])
      for (const exact of [false, true]) {
        const name = `${isa}-${threads}${exact ? '-exact' : ''}`;
        registerBackend({ name, exact, device: () => open(threads) });
        result.push({ name, exact });
      }
  }
  return result;
}

export interface Values {
  shape: number[];
  data: Float32Array;
}

/** Runs `f` on a back end and reads its results. */
export async function valuesOn(backend: string, f: () => tf.Tensor | tf.Tensor[]): Promise<Values[]> {
  await tf.setBackend(backend);
  const results = tf.tidy(() => [f()].flat());
  const values = results.map((tensor) => ({ shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) }));
  for (const tensor of results) tensor.dispose();
  return values;
}

/**
 * The largest difference, relative to the largest expected value or, where sums of operands in [-1, 1) cancel, to the
 * operands: rounding is relative to the terms of a sum, not to their total. NaN and infinities must match in place.
 */
export function relativeError(actual: Values[], expected: Values[]): number {
  let worst = actual.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
  expected.forEach(({ shape, data }, i) => {
    const other = actual[i]!;
    if (shape.join() !== other.shape.join()) worst = Number.POSITIVE_INFINITY;
    const scale = data.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 1);
    data.forEach((value, k) => {
      if (Object.is(value, other.data[k]) || value === other.data[k]) return;
      const difference = Math.abs(value - other.data[k]!) / scale;
      worst = difference <= worst ? worst : Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    });
  });
  return worst;
}

/**
 * Expects the same numbers on every back end and on TensorFlow.js's own: to 2e-6 with exact kernels, 1e-5 with
 * Winograd. Not 1e-6: TensorFlow.js adds gradients in double precision and the kernels in single, which differ by up to
 * 1.2e-6 in sums of about 1,600 terms (5x5 taps, 65 channels).
 */
export async function expectLikeCpu(backends: BackendUnderTest[], f: () => tf.Tensor | tf.Tensor[]): Promise<void> {
  const expected = await valuesOn('cpu', f);
  for (const { name, exact } of backends) {
    const error = relativeError(await valuesOn(name, f), expected);
    const bound = exact ? 2e-6 : 1e-5;
    if (error > bound) throw new Error(`${name}: relative error ${error} above ${bound}`);
  }
}

/**
 * Options of a property: `cases` random cases, times AUTOPILOT_PROPERTY_RUNS (a factor, 1 by default) for a long manual
 * run. With a factor the cases come from a separate seed, AUTOPILOT_PROPERTY_SEED or 1, so that a failure can be
 * reproduced.
 */
export function propertyRuns(cases: number): { numRuns: number; seed?: number } {
  const factor = Number(process.env.AUTOPILOT_PROPERTY_RUNS ?? 1);
  if (!(factor > 0)) throw new Error(`AUTOPILOT_PROPERTY_RUNS must be a positive factor, got ${factor}.`);
  if (factor === 1) return { numRuns: cases };
  return { numRuns: Math.ceil(cases * factor), seed: Number(process.env.AUTOPILOT_PROPERTY_SEED ?? 1) };
}

/** Values in [-1, 1) that depend only on the seed. */
export function noise(shape: number[], seed: number): tf.Tensor {
  let state = (Math.imul(seed + 1, 2654435761) >>> 0) ^ 0x9e3779b9;
  const data = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 2;
  });
  return tf.tensor(data, shape);
}

/** A scalar whose gradient is different at every element. */
export function weightedSum(x: tf.Tensor): tf.Scalar {
  return tf.sum(tf.mul(x, noise(x.shape, 77)));
}

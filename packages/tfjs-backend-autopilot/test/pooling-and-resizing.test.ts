import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type BackendUnderTest,
  backendsUnderTest,
  expectLikeCpu,
  noise,
  propertyRuns,
  valuesOn,
  weightedSum,
} from './support/backends.ts';

let backends: BackendUnderTest[];
beforeAll(async () => {
  backends = (await backendsUnderTest()).filter(({ exact }) => exact);
});

const images = fc.record({
  shape: fc.tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 3, max: 9 }),
    fc.integer({ min: 3, max: 9 }),
    fc.constantFrom(1, 3, 4, 17, 33),
  ),
  window: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  pad: fc.constantFrom('same' as const, 'valid' as const),
  seed: fc.nat(1000),
});

describe('pooling', () => {
  it('takes maxima and sends gradients as the CPU back end does, for any window', async () => {
    await fc.assert(
      fc.asyncProperty(images, async ({ shape, window, strides, pad, seed }) => {
        const pool = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, window, strides, pad);
        await expectLikeCpu(backends, () => [
          pool(noise(shape, seed)),
          tf.grad((x) => weightedSum(pool(x)))(noise(shape, seed)),
        ]);
      }),
      propertyRuns(120),
    );
  });

  it('averages over the pixels inside, and its gradient is the adjoint', async () => {
    await fc.assert(
      fc.asyncProperty(images, async ({ shape, window, strides, pad, seed }) => {
        const pool = (x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, window, strides, pad);
        await expectLikeCpu(backends, () => pool(noise(shape, seed)));
        await expectAdjoint(pool, shape, seed);
      }),
      propertyRuns(60),
    );
  });
});

describe('resizing', () => {
  it('agrees with the CPU back end forward, and its gradient is the adjoint', async () => {
    const sizes = fc.record({
      shape: fc.tuple(
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 2, max: 6 }),
        fc.integer({ min: 2, max: 6 }),
        fc.constantFrom(1, 5, 16),
      ),
      size: fc.tuple(fc.integer({ min: 2, max: 11 }), fc.integer({ min: 2, max: 11 })),
      corners: fc.constantFrom([false, false], [true, false], [false, true]),
      method: fc.constantFrom('resizeBilinear' as const, 'resizeNearestNeighbor' as const),
      seed: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ shape, size, corners, method, seed }) => {
        const resize = (x: tf.Tensor) => tf.image[method](x as tf.Tensor4D, size, corners[0], corners[1]);
        await expectLikeCpu(backends, () => resize(noise(shape, seed)));
        await expectAdjoint(resize, shape, seed);
      }),
      propertyRuns(60),
    );
  });
});

/**
 * <f(x), dy> = <x, f*(dy)> for a linear f. (The CPU back end's own gradients are wrong at padded borders and for images
 * that are not square.)
 */
async function expectAdjoint(f: (x: tf.Tensor) => tf.Tensor, shape: number[], seed: number): Promise<void> {
  for (const { name } of backends) {
    const [sums] = await valuesOn(name, () => {
      const x = noise(shape, seed);
      const y = f(x);
      const dy = noise(y.shape, seed + 1);
      const dx = tf.grad((x) => tf.sum(tf.mul(f(x), dy)))(x);
      return tf.stack([tf.sum(tf.mul(y, dy)), tf.sum(tf.mul(dx, x))]);
    });
    expect(sums!.data[1]).toBeCloseTo(sums!.data[0]!, 3);
  }
}

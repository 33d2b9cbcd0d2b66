import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { convBiasRelu } from '../src/index.ts';
import {
  type BackendUnderTest,
  backendsUnderTest,
  expectLikeCpu,
  noise,
  propertyRuns,
  relativeError,
  valuesOn,
  weightedSum,
} from './support/backends.ts';

let backends: BackendUnderTest[];
beforeAll(async () => {
  backends = await backendsUnderTest();
});

const shapes = fc.record({
  images: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 1, max: 13 }),
  width: fc.integer({ min: 1, max: 13 }),
  inputs: fc.constantFrom(1, 2, 3, 4, 7, 16, 33),
  outputs: fc.constantFrom(1, 2, 5, 8, 16, 19, 32, 65),
  kernel: fc.constantFrom([1, 1], [2, 2], [3, 3], [3, 1], [1, 4], [5, 5]),
  strides: fc.constantFrom([1, 1], [1, 1], [2, 2], [1, 2], [3, 2]),
  pad: fc.constantFrom('same' as const, 'valid' as const),
  seed: fc.integer({ min: 0, max: 1000 }),
});
type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

const fits = ({ height, width, kernel, pad }: Shape) => pad === 'same' || (height >= kernel[0]! && width >= kernel[1]!);

function operands({ images, height, width, inputs, outputs, kernel, seed }: Shape) {
  return [
    noise([images, height, width, inputs], seed) as tf.Tensor4D,
    noise([kernel[0]!, kernel[1]!, inputs, outputs], seed + 1) as tf.Tensor4D,
  ] as const;
}

describe('convolution', () => {
  it('gives the output and both gradients of the CPU back end on any shape, stride and padding', async () => {
    await fc.assert(
      fc.asyncProperty(shapes.filter(fits), async (shape) => {
        const strides = shape.strides as [number, number];
        const conv = (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, shape.pad);
        await expectLikeCpu(backends, () => {
          const [x, w] = operands(shape);
          return [conv(x, w), ...tf.grads((x, w) => weightedSum(conv(x, w)))([x, w])];
        });
      }),
      propertyRuns(120),
    );
  });

  it('gives them with Winograd, on whole vectors of channels and on others', async () => {
    const wide = fc.record({
      images: fc.integer({ min: 1, max: 3 }),
      height: fc.integer({ min: 9, max: 22 }),
      width: fc.integer({ min: 9, max: 22 }),
      inputs: fc.constantFrom(12, 16, 22, 32),
      outputs: fc.constantFrom(11, 12, 16, 48),
      seed: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(wide, async (sizes) => {
        const shape: Shape = { ...sizes, kernel: [3, 3], strides: [1, 1], pad: 'same' };
        await expectLikeCpu(backends, () => {
          const [x, w] = operands(shape);
          const conv = (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
          return [conv(x, w), ...tf.grads((x, w) => weightedSum(conv(x, w)))([x, w])];
        });
      }),
      propertyRuns(12),
    );
  });

  it('gives them with Winograd in long sums and where the transformed filter outgrows the caches, as exact convolution does', async () => {
    const wide = [
      [16, 32, 264, 64],
      [16, 16, 132, 136],
      [15, 13, 600, 40],
    ] as const;
    for (const [height, width, inputs, outputs] of wide) {
      const f = () => {
        const x = noise([1, height, width, inputs], 3);
        const w = noise([3, 3, inputs, outputs], 4);
        const conv = (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
        return [conv(x, w), ...tf.grads((x, w) => weightedSum(conv(x, w)))([x, w])];
      };
      const expected = await valuesOn('embedded-1-exact', f);
      for (const { name } of backends)
        expect(relativeError(await valuesOn(name, f), expected), `${name} ${inputs} -> ${outputs}`).toBeLessThan(1e-5);
    }
  });

  it('convolves with dilation, and has the gradients that TensorFlow.js refuses: the adjoints of the forward pass', async () => {
    const dilated = fc.record({ dilations: fc.constantFrom([2, 2], [3, 1], [1, 2]), shape: shapes });
    await fc.assert(
      fc.asyncProperty(dilated, async ({ dilations, shape }) => {
        const conv = (x: tf.Tensor, w: tf.Tensor) =>
          tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same', 'NHWC', dilations as [number, number]);
        await expectLikeCpu(backends, () => conv(...operands(shape)));
        for (const { name } of backends) {
          const [sums] = await valuesOn(name, () => {
            const [x, w] = operands(shape);
            const dy = noise(conv(x, w).shape, 9);
            const [dx, dw] = tf.grads((x, w) => tf.sum(tf.mul(conv(x, w), dy)))([x, w]) as [tf.Tensor, tf.Tensor];
            return tf.stack([tf.sum(tf.mul(conv(x, w), dy)), tf.sum(tf.mul(dx, x)), tf.sum(tf.mul(dw, w))]);
          });
          const [value, alongX, alongW] = sums!.data;
          expect(alongX).toBeCloseTo(value!, 2);
          expect(alongW).toBeCloseTo(value!, 2);
        }
      }),
      propertyRuns(40),
    );
  });

  it('transposes, with kernels that overlap and kernels that leave gaps', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, async (shape) => {
        const strides = shape.strides as [number, number];
        const out: [number, number, number, number] = [
          shape.images,
          shape.height * strides[0],
          shape.width * strides[1],
          shape.outputs,
        ];
        await expectLikeCpu(backends, () => {
          const x = noise([shape.images, shape.height, shape.width, shape.inputs], shape.seed);
          const w = noise([shape.kernel[0]!, shape.kernel[1]!, shape.outputs, shape.inputs], shape.seed + 1);
          const up = (x: tf.Tensor, w: tf.Tensor) =>
            tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, out, strides, 'same');
          return [up(x, w), ...tf.grads((x, w) => weightedSum(up(x, w)))([x, w])];
        });
      }),
      propertyRuns(60),
    );
  });

  it('fuses bias and ReLU with the same three gradients', async () => {
    await fc.assert(
      fc.asyncProperty(shapes.filter(fits), fc.boolean(), async (shape, relu) => {
        const options = { strides: shape.strides as [number, number], pad: shape.pad, relu };
        await expectLikeCpu(backends, () => {
          const [x, w] = operands(shape);
          const bias = noise([shape.outputs], 5);
          const f = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) =>
            convBiasRelu(x as tf.Tensor4D, w as tf.Tensor4D, b as tf.Tensor1D, options);
          return [f(x, w, bias), ...tf.grads((x, w, b) => weightedSum(f(x, w, b)))([x, w, bias])];
        });
      }),
      propertyRuns(40),
    );
  });
});

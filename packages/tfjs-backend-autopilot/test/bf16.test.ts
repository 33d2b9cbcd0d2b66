import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { convBiasRelu, fusedSgd, openNativeDevice, registerNative, selfTest } from '../src/index.ts';
import { noise, relativeError, valuesOn } from './support/backends.ts';

/** The device, or the reason why this machine has none. */
const opened = await openNativeDevice({ isa: 'avx512bf16' }).catch((error: Error) => error.message);
const can = typeof opened !== 'string';

/** Values that bf16 represents exactly: multiples of 1/64 in [-1, 1). */
const exactNoise = (shape: number[], seed: number) =>
  tf.tidy(() => tf.div(tf.round(tf.mul(noise(shape, seed), 64)), 64));

/**
 * Images, height, width, inputs, outputs, filter, stride, dilation; some widths are odd, because the filter gradient
 * reads pixels in pairs.
 */
const convolutions = [
  [2, 9, 7, 8, 8, 3, 1, 1],
  [1, 20, 17, 34, 40, 3, 1, 1],
  [2, 11, 9, 16, 24, 3, 2, 1],
  [1, 13, 15, 12, 20, 3, 1, 2],
  [3, 6, 6, 10, 33, 1, 1, 1],
  [2, 8, 10, 130, 144, 2, 2, 1],
] as const;

describe.runIf(!can)('bf16 on a processor without it', () => {
  it('is refused by name', () => {
    expect(opened).toMatch(/this processor has no AVX512-BF16|no native addon/);
  });
});

describe.runIf(can)('bf16', () => {
  beforeAll(() => {
    registerNative({ name: 'float', exact: true });
    registerNative({ name: 'bf16', exact: true, precision: 'bf16' });
    registerNative({ name: 'bf16-2', exact: true, precision: 'bf16', threads: 2 });
  });

  it('passes the self-test', async () => {
    if (typeof opened === 'string') return;
    expect(selfTest(opened, 'bf16')).toBeUndefined();
    await opened.dispose();
  });

  for (const [images, height, width, inputs, outputs, size, stride, dilation] of convolutions) {
    const title = `${images}x${height}x${width}x${inputs} to ${outputs} channels, ${size}x${size}, stride ${stride}, dilation ${dilation}`;
    const results = (values: typeof noise) => () => {
      const x = values([images, height, width, inputs], 1) as tf.Tensor4D;
      const w = values([size, size, inputs, outputs], 2) as tf.Tensor4D;
      const convolve = (a: tf.Tensor, b: tf.Tensor) =>
        tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, 'same', 'NHWC', dilation);
      const y = convolve(x, w);
      return [y, ...tf.grads(convolve)([x, w], values(y.shape, 3))];
    };

    it(`convolves what bf16 holds as floats do: ${title}`, async () => {
      const expected = await valuesOn('float', results(exactNoise));
      for (const name of ['bf16', 'bf16-2'])
        expect(relativeError(await valuesOn(name, results(exactNoise)), expected)).toBeLessThan(2e-6);
    });

    it(`convolves other numbers within the rounding of their factors, and not as floats: ${title}`, async () => {
      const error = relativeError(await valuesOn('bf16', results(noise)), await valuesOn('float', results(noise)));
      expect(error).toBeLessThan(2 ** -7);
      expect(error).toBeGreaterThan(1e-5);
    });
  }

  it('multiplies matrices of odd depth, turned or not', async () => {
    const products = () => {
      const [a, b, c] = [exactNoise([13, 19], 1), exactNoise([19, 17], 2), exactNoise([17, 19], 3)];
      return [tf.matMul(a!, b!), tf.matMul(a!, c!, false, true), tf.matMul(a!, exactNoise([13, 9], 4), true)];
    };
    expect(relativeError(await valuesOn('bf16', products), await valuesOn('float', products))).toBeLessThan(2e-6);
  });

  it('lets NaN and infinity through', async () => {
    const results = () => {
      const x = tf.buffer([1, 4, 4, 8]);
      x.set(Number.NaN, 0, 0, 0, 0);
      x.set(Number.POSITIVE_INFINITY, 0, 3, 3, 5);
      return tf.conv2d(x.toTensor() as tf.Tensor4D, tf.ones([1, 1, 8, 8]), 1, 'same');
    };
    expect(await valuesOn('bf16', results)).toEqual(await valuesOn('float', results));
  });

  it('learns as floats do, with weights that stay floats', async () => {
    const losses: number[][] = [];
    for (const name of ['float', 'bf16']) {
      await tf.setBackend(name);
      losses.push(await train());
    }
    const [float, bf16] = losses as [number[], number[]];
    expect(float.at(-1)! / float[0]!).toBeLessThan(0.5);
    bf16.forEach((loss, step) => {
      expect(Math.abs(loss - float[step]!) / float[0]!).toBeLessThan(0.01);
    });
    expect(bf16).not.toEqual(float);
  });
});

/** The losses of 40 steps that train two layers to compute what two other layers do. */
async function train(): Promise<number[]> {
  const x = noise([4, 12, 12, 8], 5) as tf.Tensor4D;
  const bias = tf.zeros([16]) as tf.Tensor1D;
  const layers = (a: tf.Tensor, b: tf.Tensor) =>
    convBiasRelu(convBiasRelu(x, a as tf.Tensor4D, bias, { relu: true }), b as tf.Tensor4D, bias, { relu: false });
  const filters = (seed: number) => [
    tf.mul(noise([3, 3, 8, 16], seed), 0.3),
    tf.mul(noise([3, 3, 16, 16], seed + 1), 0.3),
  ];
  const [a, b] = filters(10);
  const truth = layers(a!, b!);
  const weights = filters(20).map((filter) => tf.variable(filter));
  const losses: number[] = [];
  for (let step = 0; step < 40; step++) {
    const loss = () => tf.mean(tf.square(tf.sub(layers(weights[0]!, weights[1]!), truth))) as tf.Scalar;
    const { value, grads } = tf.variableGrads(loss);
    for (const weight of weights) fusedSgd(weight, grads[weight.name]!, undefined, { rate: 0.1 });
    losses.push((await value.data())[0]!);
    tf.dispose([value, grads]);
  }
  return losses;
}

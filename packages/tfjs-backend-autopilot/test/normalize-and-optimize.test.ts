import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchNorm, fusedAdam, fusedSgd, groupNorm } from '../src/index.ts';
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
  backends = (await backendsUnderTest()).filter(({ exact }) => !exact);
});

const sizes = fc.record({
  images: fc.integer({ min: 1, max: 3 }),
  side: fc.integer({ min: 2, max: 9 }),
  channels: fc.constantFrom(4, 8, 12, 20, 32),
  groups: fc.constantFrom(1, 2, 4),
  relu: fc.boolean(),
  seed: fc.nat(1000),
});

describe('normalization', () => {
  it('by groups: output and three gradients like the composition of ordinary operations', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ({ images, side, channels, groups, relu, seed }) => {
        await expectLikeCpu(backends, () => {
          const inputs = [noise([images, side, side, channels], seed), noise([channels], 2), noise([channels], 3)];
          const f = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
            groupNorm(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, groups, { eps: 1e-3, relu });
          return [f(inputs[0]!, inputs[1]!, inputs[2]!), ...tf.grads((x, g, b) => weightedSum(f(x, g, b)))(inputs)];
        });
      }),
      propertyRuns(60),
    );
  });

  it('by batch: output, statistics and gradients', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ({ images, side, channels, relu, seed }) => {
        await expectLikeCpu(backends, () => {
          const inputs = [noise([images, side, side, channels], seed), noise([channels], 2), noise([channels], 3)];
          const f = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
            batchNorm(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, { eps: 1e-2, relu });
          const { y, mean, variance } = f(inputs[0]!, inputs[1]!, inputs[2]!);
          return [y, mean, variance, ...tf.grads((x, g, b) => weightedSum(f(x, g, b).y))(inputs)];
        });
      }),
      propertyRuns(40),
    );
  });

  it('refuses groups that do not divide the channels', () => {
    expect(() => groupNorm(tf.ones([1, 2, 2, 6]), tf.ones([6]), tf.zeros([6]), 4)).toThrow('6 channels');
  });
});

describe('optimizer updates', () => {
  const three = (f: (w: tf.Variable, g: tf.Tensor, a: tf.Variable, b: tf.Variable, step: number) => void) => () => {
    const [w, a, b] = [tf.variable(noise([37], 1)), tf.variable(tf.zeros([37])), tf.variable(tf.zeros([37]))];
    for (let step = 1; step <= 3; step++) f(w, noise([37], step), a, b, step);
    const results = [w, a, b].map((variable) => tf.add(variable, 0));
    for (const variable of [w, a, b]) variable.dispose();
    return results;
  };

  it('equal the composed rules over several steps', async () => {
    for (const nesterov of [false, true])
      for (const decay of [0, 0.01]) {
        await expectLikeCpu(
          backends,
          three((w, g, v) => fusedSgd(w, g, v, { rate: 0.1, momentum: 0.9, nesterov, decay })),
        );
        await expectLikeCpu(
          backends,
          three((w, g) => fusedSgd(w, g, undefined, { rate: 0.1, decay })),
        );
        await expectLikeCpu(
          backends,
          three((w, g, first, second, step) => fusedAdam(w, g, { first, second }, { rate: 0.01, step, decay })),
        );
      }
  });

  it('leave a clone of the weights as it was', async () => {
    for (const { name } of backends) {
      const [clone, weights] = await valuesOn(name, () => {
        const w = tf.variable(tf.tensor1d([1, 2, 3]));
        const clone = tf.clone(w);
        fusedSgd(w, tf.tensor1d([1, 1, 1]), undefined, { rate: 1 });
        const results = [tf.add(clone, 0), tf.add(w, 0)];
        w.dispose();
        return results;
      });
      expect([...clone!.data]).toEqual([1, 2, 3]);
      expect([...weights!.data]).toEqual([0, 1, 2]);
    }
  });
});

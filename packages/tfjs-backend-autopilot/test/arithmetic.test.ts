import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { softmaxCrossEntropy } from '../src/index.ts';
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

const shape = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 });
const awkward = [0, -0, 1, -1, 1e-40, 88, 89, -88, -104, 3e38, Infinity, -Infinity, Number.NaN];

describe('elementwise operations', () => {
  it('broadcast in every pattern', async () => {
    const pairs = fc.tuple(
      shape,
      fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 5, maxLength: 5 }),
      fc.nat(4),
    );
    const operations = [tf.add, tf.sub, tf.mul, tf.div, tf.maximum, tf.minimum, tf.squaredDifference];
    await fc.assert(
      fc.asyncProperty(pairs, fc.constantFrom(...operations), async ([sizes, flat, drop], operation) => {
        const left = sizes.map((size, i) => (flat[i]![0] ? 1 : size));
        const right = sizes.map((size, i) => (flat[i]![1] ? 1 : size)).slice(Math.min(drop, sizes.length - 1));
        await expectLikeCpu(backends, () => operation(noise(left, 1), noise(right, 2)));
      }),
      propertyRuns(200),
    );
  });

  it('know zero, subnormals, infinity and NaN', async () => {
    const functions = [tf.neg, tf.exp, tf.square, tf.abs, tf.relu, tf.sigmoid, tf.tanh, tf.elu, tf.reciprocal];
    for (const f of functions) await expectLikeCpu(backends, () => f(tf.tensor1d(awkward.concat(awkward))));
    for (const f of [tf.log, tf.sqrt]) await expectLikeCpu(backends, () => f(tf.tensor1d(awkward)));
  });

  it('agree with the CPU back end on random values, gradients included', async () => {
    const functions = [tf.exp, tf.tanh, tf.sigmoid, tf.relu, tf.leakyRelu, tf.elu, tf.square] as ((
      x: tf.Tensor,
    ) => tf.Tensor)[];
    await fc.assert(
      fc.asyncProperty(shape, fc.constantFrom(...functions), fc.nat(100), async (sizes, f, seed) => {
        const x = () => tf.mul(noise(sizes, seed), 5);
        await expectLikeCpu(backends, () => [f(x()), tf.grad((x) => weightedSum(f(x)))(x())]);
      }),
      propertyRuns(60),
    );
  });
});

describe('reductions, copies and products', () => {
  it('reduce over any set of axes', async () => {
    const cases = fc.tuple(shape, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), fc.boolean());
    await fc.assert(
      fc.asyncProperty(cases, fc.constantFrom(tf.sum, tf.mean, tf.max, tf.min), async ([sizes, chosen, keep], f) => {
        const axes = sizes.map((_, axis) => axis).filter((axis) => chosen[axis]);
        if (axes.length > 0) await expectLikeCpu(backends, () => f(noise(sizes, 3), axes, keep));
      }),
      propertyRuns(150),
    );
  });

  it('concatenate, split, slice, transpose and pad', async () => {
    await fc.assert(
      fc.asyncProperty(shape, fc.nat(4), async (sizes, at) => {
        const axis = at % sizes.length;
        await expectLikeCpu(backends, () => {
          const x = noise(sizes, 4);
          const joined = tf.concat([x, noise(sizes, 5)], axis);
          const turned = sizes.map((_, i) => i).reverse();
          const border = sizes.map((): [number, number] => [1, 2]);
          const parts = tf.split(joined, [sizes[axis]!, sizes[axis]!], axis);
          return [
            joined,
            ...parts,
            tf.slice(
              joined,
              sizes.map(() => 0),
              sizes,
            ),
            tf.transpose(x, turned),
            tf.pad(x, border, 2),
          ];
        });
      }),
      propertyRuns(60),
    );
  });

  it('multiply matrices, either one transposed', async () => {
    const size = fc.integer({ min: 1, max: 20 });
    await fc.assert(
      fc.asyncProperty(fc.tuple(size, size, size), fc.boolean(), fc.boolean(), async ([m, k, n], ta, tb) => {
        await expectLikeCpu(backends, () => {
          const a = noise(ta ? [2, k, m] : [2, m, k], 1) as tf.Tensor3D;
          const b = noise(tb ? [2, n, k] : [2, k, n], 2) as tf.Tensor3D;
          return [tf.matMul(a, b, ta, tb), ...tf.grads((a, b) => weightedSum(tf.matMul(a, b, ta, tb)))([a, b])];
        });
      }),
      propertyRuns(60),
    );
  });

  it('compute softmax and its cross-entropy, with the gradient of both', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 19 }), async (rows, classes) => {
        await expectLikeCpu(backends, () => {
          const x = tf.mul(noise([rows, classes], 1), 20);
          const labels = tf.softmax(noise([rows, classes], 2));
          const loss = (x: tf.Tensor) => softmaxCrossEntropy(labels, x);
          const soft = (x: tf.Tensor) => weightedSum(tf.softmax(x));
          return [tf.softmax(x), tf.logSoftmax(x), loss(x), tf.grad(loss)(x), tf.grad(soft)(x)];
        });
      }),
      propertyRuns(60),
    );
  });

  it('give cross-entropy of NaN, infinite and far apart logits by its formula, whatever the number of classes', async () => {
    const values = [0, 1, -100, 3e38, Infinity, -Infinity, Number.NaN];
    const pairs = values.flatMap((a) => values.map((b) => [a, b]));
    for (const spare of [[], [-200]])
      for (const hot of [0, 1]) {
        const rows = pairs.map((pair) => [...pair, ...spare]);
        const expected = rows.map((row) => crossEntropy(row, hot));
        for (const { name } of backends)
          for (const [i, row] of rows.entries()) {
            const [loss, gradient] = await valuesOn(name, () => {
              const labels = tf.tensor2d([row.map((_, k) => (k === hot ? 1 : 0))]);
              const f = (x: tf.Tensor) => softmaxCrossEntropy(labels, x);
              return [f(tf.tensor2d([row])), tf.grad(f)(tf.tensor2d([row]))];
            });
            const found = [...loss!.data, ...gradient!.data];
            expected[i]!.forEach((value, k) => {
              const near = Math.abs(found[k]! - value) <= 1e-5 * Math.max(1, Math.abs(value));
              if (!near && !Object.is(found[k], Math.fround(value)))
                throw new Error(`${name} [${row}] class ${hot}: ${found} instead of ${expected[i]}`);
            });
          }
      }
  });
});

/** The loss and gradient of one row by the formula, in double precision. */
function crossEntropy(row: number[], hot: number): number[] {
  const most = Math.max(...row);
  const sum = row.reduce((total, x) => total + Math.exp(x - most), 0);
  return [most + Math.log(sum) - row[hot]!, ...row.map((x, k) => Math.exp(x - most) / sum - (k === hot ? 1 : 0))];
}

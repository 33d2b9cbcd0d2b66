import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openCompute } from '../../src/trainer/compute/open-compute.ts';
import { lossNamed } from '../../src/trainer/losses.ts';
import { BilinearDoubling } from '../../src/trainer/models/bilinear-doubling.ts';
import { GroupNormalization } from '../../src/trainer/models/group-normalization.ts';
import { optimizerFor, updateRules } from '../../src/trainer/optimizers/optimizer.ts';

beforeAll(async () => {
  await openCompute({ backend: 'cpu', threads: 1 });
});

/** Three steps on one weight matrix [[1, 2]] with gradients 0.5·weight, rate 0.1. */
function threeSteps(name: keyof typeof updateRules): number[] {
  const weight = tf.variable(tf.tensor2d([[1, 2]]));
  const optimizer = optimizerFor(updateRules[name], [weight]);
  for (const step of [1, 2, 3]) optimizer.apply([tf.mul(weight, 0.5)], { rate: 0.1, step });
  return [...weight.dataSync()];
}

describe('optimizers, three steps worked out by hand', () => {
  it('sgd', () => {
    expect(threeSteps('sgd')[0]).toBeCloseTo(0.95 ** 3, 6);
  });

  it('momentum', () => {
    // v = .5, w = .95; v = .45 + .475 = .925, w = .8575; v = .8325 + .42875 = 1.26125, w = .731375
    expect(threeSteps('momentum')[0]).toBeCloseTo(0.731375, 6);
  });

  it('adam is Kingma and Ba’s algorithm 1 in plain numbers, to 1e-6', () => {
    const expected = [1, 2].map((start) => {
      let [w, m, v] = [start, 0, 0];
      for (const t of [1, 2, 3]) {
        const g = 0.5 * w;
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        w -= (0.1 * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8);
      }
      return w;
    });
    threeSteps('adam').forEach((value, index) => {
      expect(Math.abs(value - expected[index]!)).toBeLessThan(1e-6);
    });
  });

  it('lars takes the local rate 0.001 ‖w‖ / ‖g‖, here 0.002', () => {
    // λg = .001 w: v = .001, w = .9999; v = .0009 + .0009999, w = .99970999…
    expect(threeSteps('lars')[0]).toBeCloseTo(0.99943904, 6);
  });
});

describe('losses', () => {
  const scores = tf.tensor4d([1e4, -1e4, 0, 0], [1, 1, 2, 2]);
  const labels = tf.tensor4d([0, 1, 1, 0], [1, 1, 2, 2]);

  it('stay finite for extreme scores', () => {
    expect(lossNamed('crossEntropy')(scores, labels).dataSync()[0]).toBeCloseTo((2e4 + Math.log(2)) / 2, 0);
  });

  it('dice is 1 − (2·0 + 1) / (½ + 1 + 1) for a missed pixel beside an undecided one', () => {
    expect(lossNamed('dice')(scores, labels).dataSync()[0]).toBeCloseTo(1 - 1 / 2.5, 5);
  });

  it('are refused by name when unknown', () => {
    expect(() => lossNamed('focal')).toThrow(/loss is "focal"/);
  });
});

describe('layers of our own', () => {
  it('group normalization gives each group of each sample mean 0 and variance 1', () => {
    const x = tf.tensor4d(
      Float32Array.from({ length: 32 }, (_, i) => Math.sin(i) * (i % 4 < 2 ? 1 : 9) + i),
      [2, 2, 2, 4],
    );
    const y = new GroupNormalization({ groups: 2 }).apply(x) as tf.Tensor4D;
    const { mean, variance } = tf.moments(tf.reshape(y, [2, 4, 2, 2]), [1, 3]);
    for (const value of mean.dataSync()) expect(value).toBeCloseTo(0, 5);
    for (const value of variance.dataSync()) expect(value).toBeCloseTo(1, 3);
  });

  it('bilinear doubling is tfjs’s own with half-pixel centres', () => {
    const x = tf.tensor4d(
      Float32Array.from({ length: 24 }, (_, i) => Math.cos(i * i)),
      [1, 3, 4, 2],
    );
    const ours = [...(new BilinearDoubling({}).apply(x) as tf.Tensor).dataSync()];
    const theirs = [...tf.image.resizeBilinear(x, [6, 8], false, true).dataSync()];
    ours.forEach((value, index) => {
      expect(value).toBeCloseTo(theirs[index]!, 5);
    });
  });
});

import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../src/config/sections/model.ts';
import { openCompute } from '../../src/trainer/compute/open-compute.ts';
import { gradientsAsTheyCome } from '../../src/trainer/gradients-as-they-come.ts';
import { buildModel } from '../../src/trainer/models/build-model.ts';
import { tinyData } from './tiny-training.ts';

const networks: ModelConfig[] = [
  { architecture: 'fcn', channels: 2, normalization: 'group', groups: 2 },
  { architecture: 'fcn', channels: 2, normalization: 'batch', groups: 1 },
  { architecture: 'unet', channels: 2, depth: 2, normalization: 'group', groups: 2, dropout: 0 },
];

describe.each(['cpu', 'embedded'])('on the %s back end', (backend) => {
  beforeAll(async () => {
    await openCompute({ backend, threads: 1, exact: false });
  });

  it.each(networks)('hands over every gradient, the first layer last, during the pass: %o', (config) => {
    const model = buildModel(config, tinyData, 5);
    const images = tf.randomNormal([2, 8, 8, 1], 0, 1, 'float32', 3);
    const weights = model.trainableWeights;
    const variables = weights.map((weight) => weight.read() as tf.Variable);
    const pass = () =>
      tf.variableGrads(() => tf.mean(tf.square(model.apply(images, { training: true }) as tf.Tensor)), variables);
    const expected = pass();
    const early = new Map<number, Float32Array>();
    let over = false;
    const found = gradientsAsTheyCome(weights, {
      use(index, gradient) {
        expect(over).toBe(false);
        expect(early.has(index)).toBe(false);
        early.set(index, gradient.dataSync<'float32'>().slice());
      },
      pass,
    });
    over = true;

    expect(early.size).toBe(weights.length);
    for (const [index, { name }] of variables.entries()) {
      expect(early.get(index)).toEqual(expected.grads[name]!.dataSync());
      expect(found.grads[name]!.dataSync()).toEqual(expected.grads[name]!.dataSync());
    }
    // Most of the flat gradient must be there long before the pass is over.
    const order = [...early.keys()];
    expect(order.indexOf(0)).toBeGreaterThan(weights.length / 2);
    expect(weights[0]!.read()).toBe(variables[0]);
    model.dispose();
  });

  it('hands over one gradient of a weight that two layers read, their sum', () => {
    const model = buildModel(networks[0]!, tinyData, 5);
    const images = tf.randomNormal([2, 8, 8, 1], 0, 1, 'float32', 3);
    const [weight] = model.trainableWeights;
    const variable = weight!.read() as tf.Variable;
    const twice = () => tf.add(tf.sum(weight!.read()), tf.sum(tf.mul(weight!.read(), 2)));
    const handed: number[][] = [];
    gradientsAsTheyCome([weight!], {
      use: (_, gradient) => handed.push([...gradient.dataSync()]),
      pass: () =>
        tf.variableGrads(() => tf.add(twice(), tf.mul(tf.mean(model.apply(images) as tf.Tensor), 0)), [variable]),
    });
    expect(handed).toEqual([Array.from({ length: variable.size }, () => 3)]);
  });

  it('reads the weights themselves again after a pass that throws', () => {
    const model = buildModel(networks[0]!, tinyData, 5);
    const before = model.trainableWeights[0]!.read();
    const pass = () => {
      throw new Error('no memory');
    };
    expect(() => gradientsAsTheyCome(model.trainableWeights, { use() {}, pass })).toThrow('no memory');
    expect(model.trainableWeights[0]!.read()).toBe(before);
  });
});

import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeCompute, openCompute } from '../../../src/trainer/compute/open-compute.ts';
import { fcn8s, startBilinear } from '../../../src/trainer/models/fcn8s.ts';
import { initialize } from '../../../src/trainer/models/initialize.ts';

const shape = { height: 32, width: 64, channels: 3, classes: ['background', 'a', 'b'] };
const small = { channels: 2, classifierChannels: 4, dropout: 0.5 };

describe('fcn8s', () => {
  beforeAll(() => openCompute({ threads: 1 }));
  afterAll(() => closeCompute());

  it('has the 16 convolutions of VGG-16, named as in Keras', () => {
    const network = fcn8s(small, shape, 1);
    const names = network.layers.filter((layer) => /^(block\d_conv\d|fc\d)$/.test(layer.name)).map(({ name }) => name);
    expect(names).toHaveLength(15);
    expect(names.slice(0, 3)).toEqual(['block1_conv1', 'block1_conv2', 'block2_conv1']);
    expect(network.layers.some(({ name }) => name === 'score_fr')).toBe(true);
    expect(network.outputs[0]!.shape).toEqual([null, 32, 64, 3]);
  });

  it('has VGG-16 kernels of full size by default widths', () => {
    const network = fcn8s({ ...small, channels: 64 }, shape, 1);
    const kernel = network.weights.find(({ originalName }) => originalName === 'block5_conv3/kernel');
    expect(kernel?.shape).toEqual([3, 3, 512, 512]);
  });

  it('starts its transposed convolutions as bilinear interpolation: a constant stays constant inside', () => {
    const network = fcn8s(small, shape, 1);
    startBilinear(network);
    const up = network.getLayer('upscore8');
    const scaled = tf.tidy(() => tf.slice(up.apply(tf.ones([1, 4, 8, 3])) as tf.Tensor, [0, 8, 8, 0], [1, 16, 48, 3]));
    expect(Math.max(...scaled.dataSync())).toBeCloseTo(1, 5);
    expect(Math.min(...scaled.dataSync())).toBeCloseTo(1, 5);
  });

  it('passes gradients to its first layer', () => {
    const network = fcn8s({ ...small, dropout: 0 }, shape, 1);
    initialize(network, 1);
    startBilinear(network);
    const images = tf.randomUniform([1, 32, 64, 3], 0, 1, 'float32', 7);
    const { grads } = tf.variableGrads(() => tf.sum(tf.square(network.apply(images, { training: true }) as tf.Tensor)));
    const first = Object.values(grads)[0]!;
    expect(first.dataSync().some((value) => value !== 0 && Number.isFinite(value))).toBe(true);
  });
});

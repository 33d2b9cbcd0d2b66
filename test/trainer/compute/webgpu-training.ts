// Trains on WebGPU and on plain JavaScript in a process of its own (Vulkan's driver is chosen by the environment), prints JSON.
import * as tf from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../../../src/config/sections/model.ts';
import { backendCandidates, closeCompute, openCompute } from '../../../src/trainer/compute/open-compute.ts';
import { largestDifference, trainTiny } from '../tiny-training.ts';

/** What webgpu-backend.test.ts reads. */
export interface WebGpuReport {
  /** What `auto` said of this adapter. */
  auto: string;
  asked: string;
  /** Largest difference from plain JavaScript, by what was computed. */
  differences: Record<string, number>;
}

const models: Record<string, ModelConfig> = {
  'fcn with group normalization': { architecture: 'fcn', channels: 2, normalization: 'group', groups: 2 },
  'u-net with batch normalization': {
    architecture: 'unet',
    channels: 4,
    depth: 2,
    normalization: 'batch',
    groups: 2,
    dropout: 0,
  },
};

const x = () => tf.randomUniform<tf.Rank.R4>([2, 7, 9, 5], -1, 1, 'float32', 1);
const w = () => tf.randomUniform<tf.Rank.R4>([3, 3, 5, 8], -1, 1, 'float32', 2);
const image = (y: tf.Tensor) => y as tf.Tensor4D;
const layers: Record<string, (x: tf.Tensor, w: tf.Tensor) => tf.Tensor> = {
  'convolution with stride': (x, w) => tf.conv2d(image(x), image(w), 2, 'same'),
  'convolution without padding': (x, w) => tf.conv2d(image(x), image(w), 1, 'valid'),
  'transposed convolution': (x, w) =>
    tf.conv2dTranspose(tf.conv2d(image(x), image(w), 2, 'same') as tf.Tensor4D, image(w), [2, 7, 9, 5], 2, 'same'),
  'max pooling': (x, w) => tf.maxPool(tf.conv2d(image(x), image(w), 1, 'same') as tf.Tensor4D, 3, 2, 'same'),
  // One image: the reference's own gradient is wrong for more.
  'nearest resizing': (x, w) => {
    const single = tf.slice(tf.conv2d(image(x), image(w), 2, 'same'), [0, 0, 0, 0], [1, 4, 5, 8]);
    return tf.image.resizeNearestNeighbor(single as tf.Tensor4D, [8, 10]);
  },
  softmax: (x, w) => tf.softmax(tf.conv2d(image(x), image(w), 1, 'same')),
};

async function compute(): Promise<Record<string, number[]>> {
  const values: Record<string, number[]> = {};
  for (const [name, layer] of Object.entries(layers)) {
    const inputs = [x(), w()];
    const gradients = tf.grads((x, w) => tf.sum(tf.square(layer(x, w))))(inputs);
    values[name] = (await Promise.all(gradients.map(async (gradient) => [...(await gradient.data())]))).flat();
    tf.dispose([...inputs, ...gradients]);
  }
  for (const [name, model] of Object.entries(models)) values[name] = (await trainTiny({ model, rate: 0.05 })).weights;
  return values;
}

const webgpu = backendCandidates.filter(({ name }) => name === 'webgpu');
const auto = await openCompute({}, webgpu).then(({ reason }) => reason, String);
const { reason: asked } = await openCompute({ backend: 'webgpu' });
const actual = await compute();
closeCompute();
await openCompute({ backend: 'cpu' });
const expected = await compute();
const differences = Object.fromEntries(
  Object.entries(expected).map(([name, values]) => {
    const scale = Math.max(1, ...values.map(Math.abs));
    return [name, largestDifference(values, actual[name] ?? []) / scale];
  }),
);
console.log(JSON.stringify({ auto, asked, differences } satisfies WebGpuReport));

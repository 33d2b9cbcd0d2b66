import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model as networkOf, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { componentsConfig } from '../../../src/config/sections/components.ts';
import { batchSampler } from '../../../src/trainer/batches.ts';
import { composeTraining } from '../../../src/trainer/components/compose-training.ts';
import { openCompute } from '../../../src/trainer/compute/open-compute.ts';
import { train } from '../../../src/trainer/train.ts';
import { weightsOf } from '../tiny-training.ts';
import { goodModules, moduleFile } from './modules.ts';

beforeAll(async () => {
  await openCompute({ backend: 'cpu', threads: 1 });
});

/** Without its import, which the test runner would look for in vain. */
function plainModule(kind: 'architecture' | 'dataset'): string {
  return moduleFile(goodModules[kind].replace(/^import.*$/m, '').replace(/define\w+\(\{/, `({ component: '${kind}',`));
}

const seed = 3;
const rate = 0.2;

/** 3 steps on all 24 images at once, so that their order does not matter. */
async function composed(workers: number): Promise<number[]> {
  const training = await composeTraining({
    task: 'segmentation',
    components: componentsConfig.parse({
      architecture: { module: plainModule('architecture') },
      dataset: { module: plainModule('dataset') },
    }),
    model: { architecture: 'fcn', channels: 2, normalization: 'group', groups: 2 },
    data: { kind: 'none' },
    loss: 'crossEntropy',
    strategy: 'allreduce',
    workers,
    seed,
    setting: { optimizer: 'sgd' },
    compute: { shards: 'exact' },
  });
  await train({
    parts: training,
    plan: {
      schedule: () => rate,
      batchPerWorker: 24 / workers,
      epochs: 3,
      seed,
      divergence: { lossFactor: 100, zeroEpochs: 100, warmupEpochs: 0, primary: 'dice' },
    },
    listener: {},
  });
  return weightsOf(training.model);
}

/**
 * The same training with TensorFlow.js alone, as a person would write it: every worker's gradient, their mean, the
 * step. It starts from the given weights and takes the images in the order that the seed draws.
 */
function byHand(start: readonly tf.Tensor[], workers: number): number[] {
  const slice = input({ shape: [8, 8, 1] });
  const hidden = layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }).apply(slice);
  const scores = layers.conv2d({ filters: 2, kernelSize: 1 }).apply(hidden);
  const network = networkOf({ inputs: slice, outputs: scores as SymbolicTensor });
  network.setWeights([...start]);
  const variables = network.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const intensities = Float32Array.from({ length: 24 * 64 }, (_, index) => Math.sin(index * 1.7));
  const images = tf.tensor4d(intensities, [24, 8, 8, 1]);
  const truth = Int32Array.from(intensities, (value) => (value > 0 ? 1 : 0));
  const labels = tf.reshape(tf.oneHot(tf.tensor1d(truth, 'int32'), 2), [24, 8, 8, 2]);
  const { slicesFor } = batchSampler({ slices: 24, workers, batchPerWorker: 24 / workers, seed });
  for (let step = 0; step < 3; step++) {
    const ofWorkers = Array.from({ length: workers }, (_, rank) => {
      const mine = tf.tensor1d([...slicesFor(step, [rank])], 'int32');
      const { grads } = tf.variableGrads(() => {
        const flat = tf.logSoftmax(network.apply(tf.gather(images, mine), { training: true }) as tf.Tensor);
        return tf.neg(tf.mean(tf.sum(tf.mul(tf.gather(labels, mine), flat), -1))) as tf.Scalar;
      });
      return variables.map(({ name }) => grads[name]!);
    });
    variables.forEach((variable, index) => {
      // In pairs, as ranks exchange them: ((0 + 1) + (2 + 3)) / 4.
      let sums = ofWorkers.map((gradients) => gradients[index]!);
      while (sums.length > 1) sums = sums.flatMap((sum, at) => (at % 2 === 0 ? [tf.add(sum, sums[at + 1]!)] : []));
      variable.assign(tf.sub(variable, tf.mul(tf.div(sums[0]!, workers), rate)));
    });
  }
  return network.getWeights().flatMap((weight) => [...weight.dataSync()]);
}

async function startingWeights(): Promise<tf.Tensor[]> {
  const { model } = await composeTraining({
    task: 'segmentation',
    components: componentsConfig.parse({
      architecture: { module: plainModule('architecture') },
      dataset: { module: plainModule('dataset') },
    }),
    model: { architecture: 'fcn', channels: 2, normalization: 'group', groups: 2 },
    data: { kind: 'none' },
    loss: 'crossEntropy',
    strategy: 'allreduce',
    workers: 1,
    seed,
    setting: { optimizer: 'sgd' },
    compute: { shards: 'exact' },
  });
  return model.getWeights();
}

describe('the composed program', () => {
  it.each([1, 2, 4])(
    'ends with the weights of the training written by hand, bit for bit, on %i workers',
    async (workers) => {
      const start = await startingWeights();
      const hand = byHand(start, workers);
      const weights = await composed(workers);
      const before = start.flatMap((weight) => [...weight.dataSync()]);
      expect(weights).toHaveLength(hand.length);
      expect(weights).toEqual(hand);
      expect(Math.max(...weights.map((value, index) => Math.abs(value - before[index]!)))).toBeGreaterThan(1e-2);
    },
  );
});

import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ModelConfig } from '../../src/config/sections/model.ts';
import { closeCompute, openCompute } from '../../src/trainer/compute/open-compute.ts';
import { localExact, localFused } from '../../src/trainer/strategy/local.ts';
import { type TinyTraining, tinyFcn, trainTiny } from './tiny-training.ts';

const unet: ModelConfig = {
  architecture: 'unet',
  channels: 4,
  depth: 2,
  normalization: 'instance',
  groups: 2,
  dropout: 0,
};

/** Trains with and without replaying: results, and how often TensorFlow.js was asked for a kernel. */
async function bothWays(training: TinyTraining) {
  const results = [];
  for (const replay of [false, true]) {
    const kernels = vi.spyOn(tf.engine(), 'runKernel');
    const { outcome, weights, epochResults } = await trainTiny({ ...training, epochs: 2, replay });
    const losses = epochResults.map(({ loss, metrics }) => ({ loss, metrics }));
    results.push({ result: { outcome, weights, losses }, kernels: kernels.mock.calls.length });
    kernels.mockRestore();
  }
  return results as [(typeof results)[0], (typeof results)[0]];
}

describe.each(['embedded', 'native'])('steps replayed by the %s back end', (backend) => {
  let works = true;
  beforeAll(async () => {
    works = await openCompute({ backend, threads: 1 }).then(
      () => true,
      () => false,
    );
    return closeCompute;
  });
  afterEach(() => vi.restoreAllMocks());

  it.each<[string, TinyTraining]>([
    ['FCN, SGD', {}],
    ['FCN, Adam, Dice', { optimizer: 'adam', loss: 'dice' }],
    ['FCN, momentum, both losses', { optimizer: 'momentum', loss: 'combined' }],
    ['FCN without normalization', { model: { ...tinyFcn, normalization: 'none' } }],
    ['U-Net', { model: unet, rate: 0.05 }],
    ['three workers, fused', { strategy: localFused(3), batchPerWorker: 2 }],
    ['three workers, shard by shard', { strategy: localExact(3), batchPerWorker: 2 }],
  ])('end a training with the same bits, past TensorFlow.js: %s', async (_, training) => {
    if (!works) return;
    const [ordinary, repeated] = await bothWays(training);
    expect(repeated.result).toEqual(ordinary.result);
    expect(repeated.kernels).toBeLessThan(0.7 * ordinary.kernels);
  });

  it.each<[string, TinyTraining]>([
    ['batch normalization', { model: { ...tinyFcn, normalization: 'batch' }, strategy: localExact(2) }],
    ['dropout', { model: { ...unet, dropout: 0.5 }, rate: 0.05 }],
  ])('are computed anew where a step is never like another: %s', async (_, training) => {
    if (!works) return;
    const [ordinary, repeated] = await bothWays(training);
    expect(repeated.result).toEqual(ordinary.result);
    expect(repeated.kernels).toBeGreaterThanOrEqual(ordinary.kernels);
  });
});

import * as tf from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../config/sections/model.ts';
import { batchSampler } from './batches.ts';
import { phantom } from './data/phantom.ts';
import { gradientStep } from './gradient-step.ts';
import { lossNamed } from './losses.ts';
import { buildModel } from './models/build-model.ts';
import { optimizerFor, updateRuleNamed } from './optimizers/optimizer.ts';
import { localFused } from './strategy/local.ts';

export interface MeasureStepOptions {
  model: ModelConfig;
  /** Pixels along one side of a slice. */
  size: number;
  batchPerWorker: number;
  /** Seconds to measure for; at least three steps. */
  seconds: number;
}

/** Median seconds of one worker's training step on the open back end, without the warm-up step. */
export async function measureStep({
  model: config,
  size,
  batchPerWorker,
  seconds,
}: MeasureStepOptions): Promise<{ stepSeconds: number; parameters: number }> {
  const dataset = phantom({ size, trainSlices: 4 * batchPerWorker, testSlices: 1, noise: 0.1, seed: 1 });
  const model = buildModel(config, dataset, 1);
  const sampler = batchSampler({ slices: 4 * batchPerWorker, workers: 1, batchPerWorker, seed: 1 });
  const trainable = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const optimizer = optimizerFor(updateRuleNamed('sgd'), trainable);
  const { computeGradients, dispose } = gradientStep({
    model,
    dataset,
    loss: lossNamed('crossEntropy'),
    strategy: localFused(1),
    sampler,
    replay: true,
  });
  const measured: number[] = [];
  const endMs = performance.now() + 1000 * seconds;
  for (let step = 0; step < 4 || performance.now() < endMs; step++) {
    const startMs = performance.now();
    const { gradients } = await computeGradients(step, false);
    optimizer.apply(gradients, { rate: 1e-3, step: step + 1 });
    tf.dispose(gradients);
    if (step > 0) measured.push((performance.now() - startMs) / 1000);
  }
  const parameters = model.countParams();
  optimizer.dispose();
  dispose();
  model.dispose();
  return { stepSeconds: measured.sort((a, b) => a - b)[measured.length >> 1]!, parameters };
}

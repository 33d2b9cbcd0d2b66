import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ModelConfig } from '../../src/config/sections/model.ts';
import type { OptimizerName } from '../../src/domain/setting.ts';
import type { AugmentOptions } from '../../src/imgmed/augment.ts';
import type { Checkpoint } from '../../src/trainer/checkpoint-file.ts';
import { phantom } from '../../src/trainer/data/phantom.ts';
import { lossNamed } from '../../src/trainer/losses.ts';
import { buildModel } from '../../src/trainer/models/build-model.ts';
import { updateRuleNamed } from '../../src/trainer/optimizers/optimizer.ts';
import { localFused } from '../../src/trainer/strategy/local.ts';
import type { DistributionStrategy } from '../../src/trainer/strategy/strategy.ts';
import { type EpochResult, train } from '../../src/trainer/train.ts';

export const tinyData = phantom({ size: 8, trainSlices: 24, testSlices: 4, noise: 0.1, seed: 1 });
export const tinyFcn: ModelConfig = { architecture: 'fcn', channels: 2, normalization: 'group', groups: 2 };

export interface TinyTraining {
  model?: ModelConfig;
  strategy?: DistributionStrategy;
  batchPerWorker?: number;
  epochs?: number;
  optimizer?: OptimizerName;
  loss?: string;
  augmentation?: AugmentOptions;
  rate?: number;
  resumeFrom?: Checkpoint | null;
  /** Asked before each step. */
  stopWanted?: () => boolean;
  fingerprint?: string;
  replay?: boolean;
}

/** Trains a network of a few hundred weights on 8 × 8 phantoms: milliseconds a step, even on the slowest back end. */
export async function trainTiny({
  model: config = tinyFcn,
  strategy = localFused(1),
  batchPerWorker = 4,
  epochs = 1,
  optimizer = 'sgd',
  loss = 'crossEntropy',
  rate = 0.1,
  augmentation,
  resumeFrom = null,
  stopWanted = () => false,
  fingerprint = 'tiny',
  replay = false,
}: TinyTraining = {}) {
  const model = buildModel(config, tinyData, 7);
  const checkpoints: Checkpoint[] = [];
  const epochResults: EpochResult[] = [];
  const outcome = await train({
    parts: {
      model,
      dataset: tinyData,
      strategy,
      optimizer: updateRuleNamed(optimizer),
      loss: lossNamed(loss),
      replay,
    },
    plan: {
      schedule: (epoch) => rate / (1 + epoch),
      batchPerWorker,
      epochs,
      seed: 7,
      augmentation,
      divergence: { lossFactor: 10, zeroEpochs: 100, warmupEpochs: 0, primary: 'dice' },
    },
    checkpoints: {
      everyEpochs: 1,
      resumeFrom,
      fingerprint,
    },
    stopWanted,
    listener: {
      checkpoint: (checkpoint) => checkpoints.push(checkpoint),
      epoch: (result) => epochResults.push(result),
    },
  });
  const weights = await weightsOf(model);
  model.dispose();
  return { outcome, weights, checkpoints, epochResults };
}

export async function weightsOf(model: LayersModel): Promise<number[]> {
  const all: number[] = [];
  for (const weight of model.weights) all.push(...(await weight.read().data<'float32'>()));
  return all;
}

/** The largest difference between two lists of numbers. */
export function largestDifference(a: readonly number[], b: readonly number[]): number {
  return a.reduce((largest, value, index) => Math.max(largest, Math.abs(value - b[index]!)), 0);
}

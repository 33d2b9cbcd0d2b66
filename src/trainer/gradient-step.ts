import * as tf from '@tensorflow/tfjs-core';
import { type StepSquares, squaredNorm } from '../domain/noise-scale.ts';
import { type DifferentiationOptions, differentiation } from './differentiation.ts';
import { flatLayout } from './flat-layout.ts';
import { type OverlappedAverageOptions, overlappedAverage } from './overlapped-average.ts';
import type { DistributionStrategy } from './strategy/strategy.ts';

export interface StepGradients {
  /** Mean over all workers, one per trainable weight. The caller disposes of them. */
  gradients: tf.Tensor[];
  /** Mean over all workers. */
  loss: number;
  /** True when any process wants to stop; the same on all of them. */
  stop: boolean;
  /** The squares that give the gradient noise; null where no gradient is that of one worker among several. */
  squares: StepSquares | null;
}

interface GradientStepOptions extends DifferentiationOptions {
  strategy: DistributionStrategy;
}

/** The share of the computing time that may go to single workers' gradients beside the joint one: a twentieth. */
const besideShare = 0.05;

/** Number of values from which sending early gains more than watching the backward pass costs: two buckets of 1 MiB. */
const overlapFrom = 524_288;

/**
 * Computes the mean gradient of one step. The processes exchange one flat array (`flatLayout`), which also averages the
 * workers' own statistics of batch normalization. The backward pass fills it from its end, and the strategy may send
 * what is final while the rest is being computed.
 */
export function gradientStep({ strategy, ...options }: GradientStepOptions) {
  const { model } = options;
  const trainable = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const statistics = model.nonTrainableWeights.map((weight) => weight.read() as tf.Variable);
  const { differentiate, dispose } = differentiation(options);
  const layout = flatLayout({
    trainable,
    statistics,
    withSquares: strategy.plainMean === true && strategy.workers > 1,
  });
  const { length, lossAt, stopAt } = layout;
  // WebGPU tensors can only be read asynchronously.
  const overlaps = !strategy.alone && length >= overlapFrom && tf.getBackend() !== 'webgpu';
  const overlapped =
    overlaps && sendsWhileFilled(strategy)
      ? overlappedAverage({ weights: model.trainableWeights, statistics, strategy, layout, differentiate })
      : null;

  async function flatten(step: number, ranks: readonly number[], stopWanted: boolean): Promise<Float32Array> {
    const { value, gradients } = differentiate(step, ranks);
    const flat = new Float32Array(length);
    const squares: number[] = [];
    for (const [index, tensor] of [...gradients, ...statistics].entries()) {
      const values = await tensor.data<'float32'>();
      flat.set(values, layout.startOf(index));
      if (layout.withSquares && index < gradients.length) squares.push(squaredNorm(values));
    }
    layout.addSquares(flat, squares);
    flat[lossAt] = (await value.data<'float32'>())[0]!;
    flat[stopAt] = stopWanted ? 1 : 0;
    tf.dispose([value, ...gradients]);
    return flat;
  }

  async function averageOfBatches(step: number, stopWanted: boolean): Promise<Float32Array> {
    const before = statistics.map((variable) => tf.clone(variable));
    const flats: Float32Array[] = [];
    for (const ranks of strategy.batches) {
      for (const [index, variable] of statistics.entries()) variable.assign(before[index]!);
      flats.push(await flatten(step, ranks, stopWanted));
    }
    tf.dispose(before);
    return strategy.averageGradients(flats);
  }

  // With batch normalization, one worker's batch would be normalized differently than within the whole batch.
  const beside = strategy.workers > 1 && statistics.length === 0;
  const besideEvery = Math.ceil(1 / (besideShare * strategy.workers));

  /** The joint gradient says nothing about single workers': every few steps that of one, in turn, is computed too. */
  async function squaresBeside(step: number, mean: readonly tf.Tensor[]): Promise<StepSquares | null> {
    if (!beside || step % besideEvery !== 0) return null;
    const rank = (step / besideEvery) % strategy.workers;
    // Not replayed: such a pass is rare, and smaller than the others.
    const { value, gradients } = differentiate(step, [rank], () => {});
    const squares = { workers: await squaredNormOf(gradients), mean: await squaredNormOf(mean) };
    tf.dispose([value, ...gradients]);
    return squares;
  }

  async function computeAlone(step: number, stopWanted: boolean): Promise<StepGradients> {
    const { value, gradients } = differentiate(step, strategy.batches[0]!);
    const [loss] = await value.data<'float32'>();
    value.dispose();
    return { gradients, loss: loss!, stop: stopWanted, squares: await squaresBeside(step, gradients) };
  }

  async function computeTogether(step: number, stopWanted: boolean): Promise<StepGradients> {
    const mean = await (overlapped?.average ?? averageOfBatches)(step, stopWanted);
    const gradients = trainable.map((weight, index) => layout.read(weight, mean, index));
    const squares = layout.squares(mean);
    tf.tidy(() => {
      for (const [index, variable] of statistics.entries()) {
        variable.assign(layout.read(variable, mean, trainable.length + index));
      }
    });
    await overlapped?.agreeOnOrder();
    return { gradients, loss: mean[lossAt]!, stop: mean[stopAt]! > 0, squares };
  }

  return { computeGradients: strategy.alone ? computeAlone : computeTogether, dispose };
}

async function squaredNormOf(gradients: readonly tf.Tensor[]): Promise<number> {
  let sum = 0;
  for (const gradient of gradients) sum += squaredNorm(await gradient.data<'float32'>());
  return sum;
}

function sendsWhileFilled(strategy: DistributionStrategy): strategy is OverlappedAverageOptions['strategy'] {
  return strategy.averageWhileFilled !== undefined;
}

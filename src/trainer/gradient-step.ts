import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { replayed } from '../../packages/tfjs-backend-autopilot/src/index.ts';
import { type StepSquares, squaredNorm } from '../domain/noise-scale.ts';
import type { AugmentOptions } from '../imgmed/augment.ts';
import { type BatchSampler, batchTensors } from './batches.ts';
import { augmentedSlice } from './data/augmentation.ts';
import type { Dataset } from './data/dataset.ts';
import { gradientsAsTheyCome } from './gradients-as-they-come.ts';
import type { Loss } from './losses.ts';
import { StepDropout } from './models/step-dropout.ts';
import type { DistributionStrategy } from './strategy/strategy.ts';

export interface StepGradients {
  /** Mean over all workers, one per trainable weight. The caller disposes of them. */
  gradients: tf.Tensor[];
  /** Mean over all workers. */
  loss: number;
  /** Some process wants to stop: the same answer on all. */
  stop: boolean;
  /** What the step shows of the gradient noise; null where a gradient is not that of one worker among several. */
  squares: StepSquares | null;
}

interface GradientStepOptions {
  model: LayersModel;
  dataset: Dataset;
  loss: Loss;
  strategy: DistributionStrategy;
  /** Which slices a step takes. */
  sampler: BatchSampler;
  /** Random changes of the training slices, with the run's seed. */
  augmentation?: { options: AugmentOptions; seed: number } | undefined;
  /** Whether model and loss depend on slices and weights alone: a step's kernels are then recorded once and replayed. */
  replay: boolean;
}

/** Values from which sending early gains more than watching the backward pass costs: two buckets of a megabyte. */
const overlapFrom = 524_288;

/**
 * Computes the mean gradient of one step. What travels is one flat array: a gradient's squared norm, where the strategy takes it
 * along, the gradients, then the statistics of batch
 * normalization (each worker's own, whose mean everyone keeps), then the loss, then the wish to stop. The backward pass
 * fills it from its end, and the strategy may send what is final while the rest is being computed.
 */
export function gradientStep({ model, dataset, loss, strategy, sampler, augmentation, replay }: GradientStepOptions) {
  const trainable = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const statistics = model.nonTrainableWeights.map((weight) => weight.read() as tf.Variable);
  const dropouts = model.layers.filter((layer) => layer instanceof StepDropout);
  const sizes = [...trainable, ...statistics].map(({ size }) => size);
  const starts: number[] = [];
  /** Where the gradients begin: the last part that a backward pass fills, so that the squared norm is known by then. */
  const first = strategy.plainMean && strategy.workers > 1 ? 1 : 0;
  const length = first + sizes.reduce((sum, size) => sum + size, 0) + 2;
  /** Which trainable weight lies where: the one whose gradient comes last in front. A first step finds the order out. */
  let layout = trainable.map((_, index) => index);
  let orderKnown = false;
  /** Of a single gradient, filled anew in every step. */
  let own: Float32Array | null = null;
  function layOut(order: readonly number[]): void {
    layout = [...order];
    let from = first;
    for (const index of [...order, ...statistics.map((_, index) => trainable.length + index)]) {
      starts[index] = from;
      from += sizes[index]!;
    }
  }
  layOut(layout);
  const [lossAt, stopAt] = [length - 2, length - 1];
  // WebGPU can only be read with an await.
  const canReadAtOnce = tf.getBackend() !== 'webgpu';

  /** The loss, then a gradient for each trainable weight. */
  function pass([images, labels]: tf.Tensor[], forwardDone?: (value: tf.Scalar) => void): tf.Tensor[] {
    return tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => {
        const lost = loss(model.apply(images!, { training: true }) as tf.Tensor, labels!);
        forwardDone?.(lost);
        return lost;
      }, trainable);
      return [value, ...trainable.map(({ name }) => grads[name]!)];
    });
  }
  // Dropout draws another mask in every step.
  const recorded = replay && dropouts.length === 0 ? replayed((batch) => pass(batch)) : null;

  function differentiate(
    step: number,
    ranks: readonly number[],
    compute: (batch: tf.Tensor[]) => tf.Tensor[] = recorded ?? pass,
  ) {
    for (const dropout of dropouts) dropout.step = step;
    const epoch = Math.floor(step / sampler.stepsPerEpoch);
    const read = augmentation && augmentedSlice({ dataset, epoch, ...augmentation });
    const [value, ...gradients] = tf.tidy(() => {
      const { images, labels } = batchTensors(dataset, dataset.splits.train, sampler.slicesFor(step, ranks), read);
      return compute([images, labels]);
    });
    return { value: value!, gradients };
  }

  async function flatten(step: number, ranks: readonly number[], stopWanted: boolean): Promise<Float32Array> {
    const { value, gradients } = differentiate(step, ranks);
    const flat = new Float32Array(length);
    const squares: number[] = [];
    for (const [index, tensor] of [...gradients, ...statistics].entries()) {
      const values = await tensor.data<'float32'>();
      flat.set(values, starts[index]!);
      if (first === 1 && index < gradients.length) squares.push(squaredNorm(values));
    }
    rideAlong(flat, squares);
    flat[lossAt] = (await value.data<'float32'>())[0]!;
    flat[stopAt] = stopWanted ? 1 : 0;
    tf.dispose([value, ...gradients]);
    return flat;
  }

  /** The gradient's squared norm in front: of each weight by itself, in their order, so that every strategy has the same bits. */
  function rideAlong(flat: Float32Array, squares: readonly number[]): void {
    if (first === 1) flat[0] = squares.reduce((sum, value) => sum + value, 0);
  }

  /** In the same order, wherever the weights lie. */
  function squaresOf(mean: Float32Array): number {
    return trainable.reduce((sum, { size }, index) => {
      const start = starts[index]!;
      return sum + squaredNorm(mean, start, start + size);
    }, 0);
  }

  /** Sends the gradient's end while its start is being computed. */
  function averageWhileComputed(step: number, stopWanted: boolean) {
    own ??= new Float32Array(length);
    const flat = own;
    const { finalFrom, mean } = strategy.averageWhileFilled!(flat);
    const filled = new Set<number>();
    const squares: number[] = [];
    let final = trainable.length;
    const fill = (index: number, gradient: tf.Tensor) => {
      const values = gradient.dataSync<'float32'>();
      flat.set(values, starts[index]!);
      if (first === 1) squares[index] = squaredNorm(values);
      filled.add(index);
      while (final > 0 && filled.has(layout[final - 1]!)) final--;
      if (final < trainable.length) finalFrom(starts[layout[final]!]!);
    };
    const { value, gradients } = gradientsAsTheyCome(model.trainableWeights, {
      use: fill,
      pass: () =>
        differentiate(step, strategy.batches[0]!, (batch) =>
          pass(batch, (lost) => {
            statistics.forEach((variable, index) => {
              flat.set(variable.dataSync<'float32'>(), starts[trainable.length + index]!);
            });
            flat[lossAt] = lost.dataSync<'float32'>()[0]!;
            flat[stopAt] = stopWanted ? 1 : 0;
          }),
        ),
    });
    // A layer may have kept the weight instead of reading it.
    for (const [index, gradient] of gradients.entries()) if (!filled.has(index)) fill(index, gradient);
    tf.dispose([value, ...gradients]);
    rideAlong(flat, squares);
    return { mean: mean(), came: [...filled] };
  }

  async function averageOfBatches(step: number, stopWanted: boolean): Promise<Float32Array> {
    const before = statistics.map((variable) => tf.clone(variable));
    const flats: Float32Array[] = [];
    for (const ranks of strategy.batches) {
      statistics.forEach((variable, index) => {
        variable.assign(before[index]!);
      });
      flats.push(await flatten(step, ranks, stopWanted));
    }
    tf.dispose(before);
    return strategy.averageGradients(flats);
  }

  async function computeGradients(step: number, stopWanted: boolean): Promise<StepGradients> {
    if (strategy.alone) {
      const { value, gradients } = differentiate(step, strategy.batches[0]!);
      const [mean] = await value.data<'float32'>();
      value.dispose();
      return { gradients, loss: mean!, stop: stopWanted, squares: null };
    }
    const overlapped = strategy.averageWhileFilled !== undefined && canReadAtOnce && length >= overlapFrom;
    const { mean: averaging, came } = overlapped
      ? averageWhileComputed(step, stopWanted)
      : { mean: averageOfBatches(step, stopWanted), came: null };
    const mean = await averaging;
    const squares = first === 0 ? null : { workers: mean[0]!, mean: squaresOf(mean) };
    const part = ({ size, shape }: tf.Tensor, index: number) => {
      const start = starts[index]!;
      return tf.tensor(mean.slice(start, start + size), shape);
    };
    const gradients = trainable.map(part);
    tf.tidy(() => {
      for (const [index, variable] of statistics.entries()) variable.assign(part(variable, trainable.length + index));
    });
    if (came !== null && !orderKnown) {
      // Process 0's order, because one layout on every process is what the sums rest on.
      const order = Float32Array.from(came.reverse());
      await strategy.broadcast(order);
      layOut([...order]);
      orderKnown = true;
    }
    return { gradients, loss: mean[lossAt]!, stop: mean[stopAt]! > 0, squares };
  }

  return { computeGradients, dispose: () => recorded?.dispose() };
}

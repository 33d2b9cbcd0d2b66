import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { AugmentOptions } from '../imgmed/augment.ts';
import { type BatchPlan, batchTensors } from './batches.ts';
import { augmentedSlice } from './data/augmentation.ts';
import type { Dataset } from './data/dataset.ts';
import type { Loss } from './losses.ts';
import { StepDropout } from './models/step-dropout.ts';
import type { DistributionStrategy } from './strategy/strategy.ts';

export interface StepGradients {
  /** Mean over all workers, one per trainable weight. The caller disposes of them. */
  gradients: tf.Tensor[];
  /** Mean over all workers. */
  loss: number;
}

interface GradientStepOptions {
  model: LayersModel;
  dataset: Dataset;
  loss: Loss;
  strategy: DistributionStrategy;
  /** Random changes of the training slices, with the run's seed. */
  augmentation?: { options: AugmentOptions; seed: number } | undefined;
}

/**
 * Computes the mean gradient of one step. What travels is one flat array: the gradients, then the statistics of batch
 * normalization (each worker's own, whose mean everyone keeps), then the loss.
 */
export function gradientStep({ model, dataset, loss, strategy, augmentation }: GradientStepOptions) {
  const trainable = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const statistics = model.nonTrainableWeights.map((weight) => weight.read() as tf.Variable);
  const dropouts = model.layers.filter((layer) => layer instanceof StepDropout);
  const length = [...trainable, ...statistics].reduce((sum, { size }) => sum + size, 0) + 1;

  function differentiate(step: number, plan: BatchPlan, ranks: readonly number[]) {
    for (const dropout of dropouts) dropout.step = step;
    const epoch = Math.floor(step / plan.stepsPerEpoch);
    const read = augmentation && augmentedSlice({ dataset, epoch, ...augmentation });
    return tf.tidy(() => {
      const { images, labels } = batchTensors(dataset, dataset.splits.train, plan.slicesFor(step, ranks), read);
      const { value, grads } = tf.variableGrads(
        () => loss(model.apply(images, { training: true }) as tf.Tensor, labels),
        trainable,
      );
      return { value, gradients: trainable.map(({ name }) => grads[name]!) };
    });
  }

  async function flatten(step: number, plan: BatchPlan, ranks: readonly number[]): Promise<Float32Array> {
    const { value, gradients } = differentiate(step, plan, ranks);
    const flat = new Float32Array(length);
    let from = 0;
    for (const tensor of [...gradients, ...statistics, value]) {
      flat.set(await tensor.data<'float32'>(), from);
      from += tensor.size;
    }
    tf.dispose([value, ...gradients]);
    return flat;
  }

  return async (step: number, plan: BatchPlan): Promise<StepGradients> => {
    if (strategy.alone) {
      const { value, gradients } = differentiate(step, plan, strategy.batches[0]!);
      const [mean] = await value.data<'float32'>();
      value.dispose();
      return { gradients, loss: mean! };
    }
    const before = statistics.map((variable) => tf.clone(variable));
    const flats: Float32Array[] = [];
    for (const ranks of strategy.batches) {
      statistics.forEach((variable, index) => {
        variable.assign(before[index]!);
      });
      flats.push(await flatten(step, plan, ranks));
    }
    tf.dispose(before);
    const mean = await strategy.averageGradients(flats);
    let from = 0;
    const next = ({ size, shape }: tf.Tensor) => {
      from += size;
      return tf.tensor(mean.slice(from - size, from), shape);
    };
    const gradients = trainable.map(next);
    tf.tidy(() => {
      for (const variable of statistics) variable.assign(next(variable));
    });
    return { gradients, loss: mean[length - 1]! };
  };
}

import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { replayed } from '../../packages/tfjs-backend-autopilot/src/index.ts';
import type { AugmentOptions } from '../imgmed/augment.ts';
import { type BatchSampler, batchTensors } from './batches.ts';
import { augmentedSlice } from './data/augmentation.ts';
import type { Dataset } from './data/dataset.ts';
import type { Loss } from './losses.ts';
import { StepDropout } from './models/step-dropout.ts';

export interface DifferentiationOptions {
  model: LayersModel;
  dataset: Dataset;
  loss: Loss;
  /** Which slices a step takes. */
  sampler: BatchSampler;
  /** Random changes of the training slices, with the run's seed. */
  augmentation?: { options: AugmentOptions; seed: number } | undefined;
  /** Whether model and loss depend on slices and weights alone: a step's kernels are then recorded once and replayed. */
  replay: boolean;
}

/** A step's loss over the workers' batches, and a gradient for each trainable weight. The caller disposes of them. */
export interface Differentiated {
  value: tf.Tensor;
  gradients: tf.Tensor[];
}

/** `forwardDone` is called between the forward and the backward pass; a step that has it is not replayed. */
export type Differentiate = (
  step: number,
  ranks: readonly number[],
  forwardDone?: (value: tf.Scalar) => void,
) => Differentiated;

/** Forward and backward pass over the batches of some workers. */
export function differentiation(options: DifferentiationOptions): {
  differentiate: Differentiate;
  dispose(): void;
} {
  const { model, dataset, loss, sampler, augmentation, replay } = options;
  const trainable = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const dropouts = model.layers.filter((layer) => layer instanceof StepDropout);

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
  // With dropout nothing is replayed: it draws another mask in every step.
  const recorded = replay && dropouts.length === 0 ? replayed((batch) => pass(batch)) : null;

  return {
    differentiate(step, ranks, forwardDone) {
      for (const dropout of dropouts) dropout.step = step;
      const epoch = Math.floor(step / sampler.stepsPerEpoch);
      const read = augmentation && augmentedSlice({ dataset, epoch, ...augmentation });
      const [value, ...gradients] = tf.tidy(() => {
        const { images, labels } = batchTensors(dataset, dataset.splits.train, sampler.slicesFor(step, ranks), read);
        const batch = [images, labels];
        return recorded === null || forwardDone !== undefined ? pass(batch, forwardDone) : recorded(batch);
      });
      return { value: value!, gradients };
    },
    dispose: () => recorded?.dispose(),
  };
}

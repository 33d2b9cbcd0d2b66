import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { replayed } from '../../packages/tfjs-backend-autopilot/src/index.ts';
import type { AugmentOptions } from '../imgmed/augment.ts';
import { type BatchPlan, batchTensors } from './batches.ts';
import { augmentedSlice } from './data/augmentation.ts';
import type { Dataset } from './data/dataset.ts';
import type { Loss } from './losses.ts';
import { StepDropout } from './models/step-dropout.ts';

export interface BackwardPassOptions {
  model: LayersModel;
  dataset: Dataset;
  loss: Loss;
  plan: BatchPlan;
  /** Random changes of the training slices, with the run's seed. */
  augmentation?: { options: AugmentOptions; seed: number } | undefined;
  /** Whether model and loss depend on slices and weights alone: a step's kernels are then recorded once and replayed. */
  replay: boolean;
}

/** The caller disposes of both. */
export interface LossAndGradients {
  value: tf.Tensor;
  /** One per trainable weight. */
  gradients: tf.Tensor[];
}

/** The loss and its gradients over the slices that some ranks have in a step. */
export function backwardPass({ model, dataset, loss, plan, augmentation, replay }: BackwardPassOptions) {
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
  // Dropout draws another mask in every step.
  const recorded = replay && dropouts.length === 0 ? replayed((batch) => pass(batch)) : null;

  return {
    /** `forwardDone` sees the loss before the way back begins; nothing is replayed then. */
    compute(step: number, ranks: readonly number[], forwardDone?: (value: tf.Scalar) => void): LossAndGradients {
      for (const dropout of dropouts) dropout.step = step;
      const epoch = Math.floor(step / plan.stepsPerEpoch);
      const read = augmentation && augmentedSlice({ dataset, epoch, ...augmentation });
      const [value, ...gradients] = tf.tidy(() => {
        const { images, labels } = batchTensors(dataset, dataset.splits.train, plan.slicesFor(step, ranks), read);
        return recorded && !forwardDone ? recorded([images, labels]) : pass([images, labels], forwardDone);
      });
      return { value: value!, gradients };
    },
    dispose: () => recorded?.dispose(),
  };
}

export type BackwardPass = ReturnType<typeof backwardPass>;

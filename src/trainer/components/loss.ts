import * as tf from '@tensorflow/tfjs-core';
import type { DatasetShape } from '../data/dataset.ts';
import type { Loss } from '../losses.ts';
import { scoresShape } from '../task-shape.ts';
import type { Parameters } from './kinds.ts';
import { calling, contractBroken, type Loaded } from './loaded.ts';

export interface LossContext {
  tf: typeof tf;
  /** Before softmax. */
  scores: tf.Tensor;
  /** One-hot, of the same shape. */
  labels: tf.Tensor;
  parameters: Parameters;
}

/** What training minimizes: a mean over the images of a batch. */
export interface LossDefinition {
  /** A scalar, differentiable in the scores. */
  loss(context: LossContext): tf.Tensor;
}

export function defineLoss(definition: LossDefinition) {
  return { ...definition, component: 'loss' as const };
}

/** Checks the loss against the contract on a small random batch: scalar, finite, differentiable, a mean over images. */
export function openLoss({ where, definition, parameters }: Loaded<LossDefinition>, shape: DatasetShape): Loss {
  const loss: Loss = (scores, labels) => definition.loss({ tf, scores, labels, parameters }) as tf.Scalar;
  const small = { ...shape, height: Math.min(shape.height, 8), width: Math.min(shape.width, 8) };
  tf.tidy(() => {
    const scores = tf.randomNormal(scoresShape(small, 2), 0, 1, 'float32', 1);
    const numbers = tf.range(0, scores.size / shape.classes.length, 1, 'int32');
    const classes = tf.cast(tf.mod(numbers, shape.classes.length), 'int32');
    const labels = tf.reshape(tf.oneHot(classes, shape.classes.length), scores.shape);
    const floats = tf.cast(labels, 'float32');
    const value = loss(scores, floats);
    if (!(value instanceof tf.Tensor) || value.size !== 1 || value.rank !== 0) {
      const given = value instanceof tf.Tensor ? `a tensor [${value.shape.join(', ')}]` : typeof value;
      throw contractBroken(
        where,
        `loss must return a scalar tensor, but it returns ${given}; take the mean over the images`,
      );
    }
    const whole = value.dataSync()[0]!;
    if (!Number.isFinite(whole))
      throw contractBroken(where, `the loss of random scores is ${whole}; it must be finite`);
    const slope = gradientOf(where, () => tf.grad((x) => loss(x, floats))(scores));
    const largest = tf.max(tf.abs(slope)).dataSync()[0]!;
    if (!(largest > 0)) {
      throw contractBroken(
        where,
        'the loss does not change with the scores, so nothing would be learned; compute it from "scores"',
      );
    }
    const parts = [0, 1].map((index) => {
      const one = (x: tf.Tensor) =>
        tf.slice(x, [index, ...scores.shape.slice(1).map(() => 0)], [1, ...scores.shape.slice(1)]);
      return loss(one(scores), one(floats)).dataSync()[0]!;
    });
    const mean = (parts[0]! + parts[1]!) / 2;
    if (Math.abs(mean - whole) > 1e-3 * Math.max(1, Math.abs(whole))) {
      throw contractBroken(
        where,
        `the loss of two images is ${whole.toPrecision(4)}, the mean of their losses is ${mean.toPrecision(4)}; it must be a mean over images, otherwise k workers would learn something different from one`,
      );
    }
  });
  return loss;
}

function gradientOf(where: string, compute: () => tf.Tensor): tf.Tensor {
  return calling(where, 'the gradient of loss', compute);
}

import * as tf from '@tensorflow/tfjs-core';
import { softmaxCrossEntropy } from '../../packages/tfjs-backend-autopilot/src/index.ts';
import { AutopilotError } from '../domain/errors.ts';

/**
 * Mean over the slices of a batch; scores [n, h, w, classes], or [n, classes] for whole images, before softmax; labels
 * one-hot of the same shape.
 */
export type Loss = (scores: tf.Tensor, labels: tf.Tensor) => tf.Scalar;

/** −Σ y · log softmax(s), mean over pixels (or images); log softmax subtracts the largest score, so it never overflows. */
export const crossEntropy: Loss = (scores, labels) => scalar(() => softmaxCrossEntropy(labels, scores));

/** Added to numerator and denominator: a class absent from both label and prediction has no loss. */
const smoothing = 1;

/**
 * 1 − (2 Σ p·y + 1) / (Σ p + Σ y + 1), mean over slices and foreground classes. The sums run over ONE slice, so that
 * the mean over shards is the loss of the whole batch.
 */
export const dice: Loss = (scores, labels) =>
  scalar(() => {
    const [count, height, width, classes] = (scores as tf.Tensor4D).shape;
    const foreground = (x: tf.Tensor) =>
      tf.slice(tf.reshape(x, [count, height * width, classes]), [0, 0, 1], [count, height * width, classes - 1]);
    const p = foreground(tf.softmax(scores));
    const y = foreground(labels);
    const overlap = tf.sum(tf.mul(p, y), 1);
    const sizes = tf.add(tf.sum(p, 1), tf.sum(y, 1));
    const perClass = tf.div(tf.add(tf.mul(overlap, 2), smoothing), tf.add(sizes, smoothing));
    return tf.sub(1, tf.mean(perClass));
  });

/** Cross-entropy plus Dice, equally weighted. */
export const combined: Loss = (scores, labels) =>
  scalar(() => tf.add(crossEntropy(scores, labels), dice(scores, labels)));

const losses: Record<string, Loss> = { crossEntropy, dice, combined };

export function lossNamed(name: string): Loss {
  const loss = losses[name];
  if (loss !== undefined) return loss;
  throw new AutopilotError('loss.unknown', `loss is "${name}"; give one of ${Object.keys(losses).join(', ')}.`);
}

function scalar(compute: () => tf.Tensor): tf.Scalar {
  return tf.tidy(() => tf.reshape<tf.Rank.R0>(compute(), []));
}

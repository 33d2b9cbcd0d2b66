import * as tf from '@tensorflow/tfjs-core';
import type { UpdateRule } from './update-rule.ts';

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

/** m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; w ← w − η m̂ / (√v̂ + ε), with bias-corrected m̂ and v̂ (Kingma and Ba 2015). */
export const adam: UpdateRule = {
  name: 'adam',
  slots: ['mean', 'square'],
  update({ weight, gradient, state, rate, step }) {
    const mean = tf.add(tf.mul(state[0]!, beta1), tf.mul(gradient, 1 - beta1));
    const square = tf.add(tf.mul(state[1]!, beta2), tf.mul(tf.square(gradient), 1 - beta2));
    const denominator = tf.add(tf.mul(tf.sqrt(square), 1 / Math.sqrt(1 - beta2 ** step)), epsilon);
    const change = tf.div(tf.mul(mean, rate / (1 - beta1 ** step)), denominator);
    return { weight: tf.sub(weight, change), state: [mean, square] };
  },
};

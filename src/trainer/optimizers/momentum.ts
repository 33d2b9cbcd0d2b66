import * as tf from '@tensorflow/tfjs-core';
import type { UpdateRule } from './update-rule.ts';

const friction = 0.9;

/** v ← 0.9 v + g; w ← w − η v (PyTorch's form: the rate multiplies the velocity, so a changing rate acts at once). */
export const momentum: UpdateRule = {
  name: 'momentum',
  slots: ['velocity'],
  update({ weight, gradient, state, rate }) {
    const velocity = tf.add(tf.mul(state[0]!, friction), gradient);
    return { weight: tf.sub(weight, tf.mul(velocity, rate)), state: [velocity] };
  },
};

import * as tf from '@tensorflow/tfjs-core';
import type { UpdateRule } from './update-rule.ts';

const friction = 0.9;
const trust = 0.001;

/**
 * Layer-wise rates (You et al. 2017): λ = 0.001 ‖w‖ / ‖g‖; v ← 0.9 v + λ g; w ← w − η v. Biases and scales
 * (one-dimensional weights), and weights or gradients of norm zero, take λ = 1.
 */
export const lars: UpdateRule = {
  name: 'lars',
  slots: ['velocity'],
  update({ weight, gradient, state, rate }) {
    const scaled = weight.rank > 1 ? tf.mul(gradient, localRate(weight, gradient)) : gradient;
    const velocity = tf.add(tf.mul(state[0]!, friction), scaled);
    return { weight: tf.sub(weight, tf.mul(velocity, rate)), state: [velocity] };
  },
};

function localRate(weight: tf.Tensor, gradient: tf.Tensor): tf.Tensor {
  const [w, g] = [tf.norm(weight), tf.norm(gradient)];
  const usable = tf.logicalAnd(tf.greater(w, 0), tf.greater(g, 0));
  const one = tf.onesLike(w);
  return tf.where(usable, tf.mul(tf.div(w, tf.where(usable, g, one)), trust), one);
}

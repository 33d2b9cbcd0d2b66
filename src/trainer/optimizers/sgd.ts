import * as tf from '@tensorflow/tfjs-core';
import type { UpdateRule } from './update-rule.ts';

/** w ← w − η g */
export const sgd: UpdateRule = {
  name: 'sgd',
  slots: [],
  update: ({ weight, gradient, rate }) => ({ weight: tf.sub(weight, tf.mul(gradient, rate)), state: [] }),
};

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendCandidate } from './backend-candidate.ts';

/** TensorFlow.js's plain JavaScript: a thousand times slower than the others, which are tested against it. */
export const cpuBackend: BackendCandidate = {
  name: 'cpu',
  async probe() {
    return { state: 'usable', detail: 'plain JavaScript, the last resort' };
  },
  async open() {
    await tf.setBackend('cpu');
    // Without this it prints advice to install tfjs-node.
    Object.assign(tf.backend(), { firstUse: false });
  },
};

import * as tf from '@tensorflow/tfjs-core';
import { registerEmbedded } from '../../../packages/tfjs-backend-autopilot/src/index.ts';
import type { BackendCandidate } from './backend-candidate.ts';

/** C kernels as WebAssembly: runs on any machine, nothing to install. */
export const embeddedBackend: BackendCandidate = {
  name: 'embedded',
  async probe() {
    if (typeof SharedArrayBuffer === 'undefined')
      return { state: 'rejected', reason: 'this Node has no shared memory' };
    return { state: 'usable', detail: 'WebAssembly kernels, nothing to install' };
  },
  async open({ threads, exact }) {
    const name = `embedded-${threads}${exact ? '-exact' : ''}`;
    registerEmbedded({ name, threads, exact });
    await tf.setBackend(name);
  },
};

import * as tf from '@tensorflow/tfjs-core';
import { openNativeDevice, registerNative, selfTest } from '../../../packages/tfjs-backend-autopilot/src/index.ts';
import { messageOf } from '../../domain/errors.ts';
import type { BackendCandidate } from './backend-candidate.ts';

/** The same C kernels as a native addon. Taken only after a self-test of milliseconds. */
export const nativeBackend: BackendCandidate = {
  name: 'native',
  async probe() {
    try {
      const device = await openNativeDevice();
      try {
        const failure = selfTest(device);
        if (failure) return { state: 'rejected', reason: `the self-test failed: ${failure}` };
        return { state: 'usable', detail: `C kernels for ${device.isa}, self-test passed` };
      } finally {
        await device.dispose();
      }
    } catch (error) {
      return { state: 'rejected', reason: messageOf(error) };
    }
  },
  async open({ threads, exact }) {
    const name = `native-${threads}${exact ? '-exact' : ''}`;
    registerNative({ name, threads, exact });
    await tf.setBackend(name);
  },
};

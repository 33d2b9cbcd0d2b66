import * as tf from '@tensorflow/tfjs-core';
import { openNativeDevice, registerNative, selfTest } from '../../../packages/tfjs-backend-autopilot/src/index.ts';
import { messageOf } from '../../domain/errors.ts';
import type { BackendCandidate } from './backend-candidate.ts';

/** The same C kernels as a native addon, used only after a self-test that takes milliseconds. */
export const nativeBackend: BackendCandidate = {
  name: 'native',
  async probe({ precision }) {
    try {
      const device = await openNativeDevice(precision === 'bf16' ? { isa: 'avx512bf16' } : {});
      try {
        const failure = selfTest(device, precision);
        if (failure) return { state: 'rejected', reason: `the self-test failed: ${failure}` };
        return { state: 'usable', detail: `C kernels for ${device.isa}, self-test passed` };
      } finally {
        await device.dispose();
      }
    } catch (error) {
      return { state: 'rejected', reason: messageOf(error) };
    }
  },
  async open({ threads, exact, precision }) {
    const name = `native-${threads}${exact ? '-exact' : ''}${precision === 'bf16' ? '-bf16' : ''}`;
    registerNative({ name, threads, exact, precision });
    await tf.setBackend(name);
  },
};

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { AutopilotBackend, type Precision } from './autopilot-backend.ts';
import type { Device } from './device/device.ts';
import { type EmbeddedOptions, openEmbeddedDevice } from './embedded/embedded-device.ts';
import { installGradients } from './gradients.ts';
import { convolutionKernels } from './kernels/convolution.ts';
import { copyKernels } from './kernels/copy.ts';
import { elementwiseKernels } from './kernels/elementwise.ts';
import type { Kernel } from './kernels/kernel.ts';
import { matMulKernels } from './kernels/matmul.ts';
import { poolingKernels } from './kernels/pooling.ts';
import { reductionKernels } from './kernels/reduction.ts';
import { resizeKernels } from './kernels/resize.ts';
import { softmaxKernels } from './kernels/softmax.ts';
import { type NativeOptions, openNativeDevice } from './native/native-device.ts';

/** Every kernel written in C. */
export const kernels: readonly Kernel[] = [
  ...convolutionKernels,
  ...copyKernels,
  ...elementwiseKernels,
  ...matMulKernels,
  ...poolingKernels,
  ...reductionKernels,
  ...resizeKernels,
  ...softmaxKernels,
];

export interface RegisterOptions {
  /** Name for `tf.setBackend`. */
  name: string;
  device: () => Promise<Device>;
  exact?: boolean;
  precision?: Precision;
}

/**
 * Registers a back end under `name`; the device opens when the back end is first set. Kernels that C lacks, and calls
 * that it declines, go to the CPU back end.
 */
export function registerBackend({ name, device, exact = false, precision = 'float32' }: RegisterOptions): void {
  if (tf.findBackendFactory(name)) return;
  const start = async () => {
    installGradients();
    return new AutopilotBackend(await device(), { exact, precision });
  };
  tf.registerBackend(name, start, 0);
  registerKernels(name);
}

/** Registers the embedded back end under `name`, `autopilot-embedded` by default. */
export function registerEmbedded({
  name = 'autopilot-embedded',
  exact = false,
  ...options
}: EmbeddedOptions & { name?: string; exact?: boolean } = {}): void {
  registerBackend({ name, exact, device: () => openEmbeddedDevice(options) });
}

/** Registers the native back end under `name`, `autopilot-native` by default. `precision: 'bf16'` uses `avx512bf16`. */
export function registerNative({
  name = 'autopilot-native',
  exact = false,
  precision = 'float32',
  ...options
}: NativeOptions & { name?: string; exact?: boolean; precision?: Precision } = {}): void {
  const isa = precision === 'bf16' ? { isa: 'avx512bf16' as const } : {};
  registerBackend({ name, exact, precision, device: () => openNativeDevice({ ...options, ...isa }) });
}

function registerKernels(backendName: string): void {
  const own = new Map(kernels.map((kernel) => [kernel.name, kernel]));
  for (const inherited of tf.getKernelsForBackend('cpu')) {
    const { kernelName, kernelFunc } = inherited;
    // Left over from a back end of that name that was removed.
    if (tf.getKernel(kernelName, backendName)) continue;
    const mine = own.get(kernelName);
    const fallback: tf.KernelFunc = (call) => {
      const backend = call.backend as AutopilotBackend;
      backend.recording?.computesInJavaScript(kernelName, call.inputs, call.attrs ?? {});
      const result = kernelFunc(call);
      for (const output of [result].flat()) if (output?.dataId) backend.ownMemory(output);
      return result;
    };
    const run: tf.KernelFunc = mine
      ? (call) => mine.run(call.backend as AutopilotBackend, call.inputs, call.attrs ?? {}) ?? fallback(call)
      : fallback;
    tf.registerKernel({ ...inherited, backendName, kernelFunc: run });
  }
}

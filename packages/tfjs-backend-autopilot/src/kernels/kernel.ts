import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { AutopilotBackend } from '../autopilot-backend.ts';

/** A kernel's result, or undefined if it leaves the call to the CPU back end (another type, a rare layout). */
export type KernelResult = TensorInfo | TensorInfo[] | undefined;

export interface Kernel {
  name: string;
  run(backend: AutopilotBackend, inputs: NamedTensorInfoMap, attrs: NamedAttrMap): KernelResult;
}

/** TensorFlow.js's input types with every input required. */
export type Given<Inputs> = { [K in keyof Inputs]: NonNullable<Inputs[K]> };

/** A kernel with TensorFlow.js's own types for its inputs and attributes. */
export function kernel<Inputs, Attrs = object>(
  name: string,
  run: (backend: AutopilotBackend, inputs: Given<Inputs>, attrs: Attrs) => KernelResult,
): Kernel {
  return {
    name,
    run: (backend, inputs, attrs) => run(backend, inputs as unknown as Given<Inputs>, attrs as unknown as Attrs),
  };
}

/** Floats per item of elementwise work: up to this many run on one thread. */
export const grain = 16_384;

export function isFloat(...tensors: readonly TensorInfo[]): boolean {
  return tensors.every((tensor) => tensor.dtype === 'float32');
}

/** Number of pieces of `chunk` elements in `size` elements. */
export function pieces(size: number, chunk: number): number {
  return Math.ceil(size / chunk);
}

/** Items of the kernels that pack a filter for `outputs` channels, 32 channels each (FILTER_PANELS in c/gemm.h). */
export function filterItems(outputs: number): number {
  return pieces(outputs, 32);
}

import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import {
  type DataType,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Device } from './device/device.ts';
import type { Block } from './device/heap.ts';

/** What convolutions and matrix products multiply: floats, or floats rounded to bf16 (8 bits). Sums are in floats. */
export type Precision = 'float32' | 'bf16';

export interface BackendOptions {
  /** Direct convolution only: relative error 1e-7 rather than 5e-6, about 1.5 times slower. */
  exact: boolean;
  /** `bf16` needs a device with the instruction set `avx512bf16`. */
  precision: Precision;
}

/** A tensor to be filled by a kernel, and its address. */
export interface Output {
  info: TensorInfo;
  address: number;
}

/** Observes what a pass does while it is being recorded. */
export interface PassWatch {
  /** A kernel reads `block`. */
  reads(dataId: object, block: Block): void;
  /** The CPU back end computes instead of C. */
  computesInJavaScript(kernelName: string, inputs: NamedTensorInfoMap, attrs: NamedAttrMap): void;
  /** The pass cannot be replayed. */
  refuse(reason: string): void;
}

/**
 * A TensorFlow.js back end whose float tensors are in one heap, which kernels written in C read and write. Kernels that
 * it lacks are the CPU back end's, on the same data.
 */
export class AutopilotBackend extends MathBackendCPU {
  readonly device: Device;
  readonly exact: boolean;
  readonly precision: Precision;
  /** The recording in progress, if any. */
  recording: PassWatch | undefined;
  #disposed = false;

  constructor(device: Device, { exact, precision }: BackendOptions) {
    super();
    this.device = device;
    this.exact = exact;
    this.precision = precision;
    // On its first use the CPU back end would print advice to install tfjs-node.
    Object.assign(this, { firstUse: false });
  }

  /** The address of a float tensor's values; values outside the heap are moved into it first. */
  address(tensor: TensorInfo): number {
    const data = this.data.get(tensor.dataId);
    const values = data.values as Float32Array;
    const block = this.device.heap.blockOf(values);
    if (block) {
      this.recording?.reads(tensor.dataId, block);
      return block.address;
    }
    const { heap } = this.device;
    // A constant of a recording: nothing writes it again during a replay.
    const own = this.recording ? heap.allocateKept(values.length) : heap.allocate(values.length);
    own.view.set(values);
    data.values = own.view;
    return own.address;
  }

  /** A new, uninitialised tensor of floats. */
  output(shape: readonly number[], dtype: DataType = 'float32'): Output {
    const block = this.device.heap.allocate(util.sizeFromShape(shape as number[]));
    return { info: this.makeTensorInfo(shape as number[], dtype, block.view), address: block.address };
  }

  /** Runs `use` with memory for `floats` floats, which is released afterwards. */
  withMemory<T>(floats: number, use: (address: number) => T): T {
    const block = this.device.heap.allocate(floats);
    try {
      return use(block.address);
    } finally {
      this.device.heap.release(block);
    }
  }

  /** Whether only this tensor holds its data, so that it may be written in place. */
  isExclusive(tensor: TensorInfo): boolean {
    return this.data.get(tensor.dataId).refCount === 1;
  }

  override disposeData(dataId: object, force = false): boolean {
    const block = this.data.has(dataId) ? this.#blockOf(dataId) : undefined;
    const released = super.disposeData(dataId, force);
    if (block && !this.data.has(dataId)) this.device.heap.release(block);
    return released;
  }

  /** A copy, because the memory is reused after the tensor is disposed. */
  override readSync(dataId: object): ReturnType<MathBackendCPU['readSync']> {
    this.recording?.refuse('it reads values');
    const values = super.readSync(dataId);
    return ArrayBuffer.isView(values) ? values.slice() : values;
  }

  override async read(dataId: object): Promise<ReturnType<MathBackendCPU['readSync']>> {
    return this.readSync(dataId);
  }

  /** Copies an inherited kernel's output if it is a view of an input (the CPU back end slices without copying). */
  ownMemory(output: TensorInfo): void {
    const data = this.data.get(output.dataId);
    const values = data.values;
    if (!(values instanceof Float32Array) || this.device.heap.blockOf(values)) return;
    if (this.device.heap.contains(values.buffer)) data.values = values.slice();
  }

  override dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    super.dispose();
    void this.device.dispose();
  }

  #blockOf(dataId: object): Block | undefined {
    const { values } = this.data.get(dataId);
    return values instanceof Float32Array ? this.device.heap.blockOf(values) : undefined;
  }
}

import * as tf from '@tensorflow/tfjs-core';
import type { AutopilotBackend, PassWatch } from '../autopilot-backend.ts';
import type { Arena, Block } from '../device/heap.ts';
import type { KernelName } from '../device/kernel-names.ts';

/** One call of a kernel. */
interface Call {
  kernel: KernelName;
  args: Float64Array;
  items: number;
  scratchFloats: number;
}

/** A tensor from outside that kernels read: a variable, or a constant made before the recording. */
interface Source {
  dataId: object;
  block: Block;
  variable: tf.Variable | undefined;
}

/** Kernels of the CPU back end that compute nothing from values: the same data in another shape, and constants. */
const computeNothing = new Set(['Identity', 'Reshape', 'Fill', 'ZerosLike', 'OnesLike']);

/** Kernels that update weights in place. */
const updates = new Set<KernelName>(['sgd_update', 'adam_update']);

/** The kernel calls of one pass, and the tensors that must be unchanged for the calls to be repeated. */
export class Recording implements PassWatch {
  readonly #calls: Call[] = [];
  readonly #sources = new Map<object, Source>();
  readonly #arena: Arena;
  readonly #backend: AutopilotBackend;
  readonly #variables: Map<object, tf.Variable>;
  /** Why the pass cannot be replayed; undefined if it can. */
  refused: string | undefined;

  constructor(backend: AutopilotBackend, arena: Arena) {
    this.#backend = backend;
    this.#arena = arena;
    this.#variables = variablesByData();
  }

  /** Runs `pass` and records every kernel it calls. */
  run<T>(pass: () => T): T {
    const { device } = this.#backend;
    const { run } = device;
    device.run = (kernel, args, items, scratchFloats = 0) => {
      if (updates.has(kernel)) this.refuse(`it changes weights (${kernel})`);
      this.#calls.push({ kernel, args: Float64Array.from(args), items, scratchFloats });
      run(kernel, args, items, scratchFloats);
    };
    this.#backend.recording = this;
    try {
      return pass();
    } finally {
      this.#backend.recording = undefined;
      device.run = run;
      this.#requireSameVariables();
    }
  }

  #requireSameVariables(): void {
    for (const [dataId, variable] of this.#variables)
      if (variable.dataId !== dataId) this.refuse(`it assigns the variable ${variable.name}`);
    const before = new Set(this.#variables.values());
    for (const variable of variablesByData().values())
      if (!before.has(variable)) this.refuse(`it makes the variable ${variable.name}`);
  }

  refuse(reason: string): void {
    this.refused ??= reason;
  }

  reads(dataId: object, block: Block): void {
    if (this.#backend.device.heap.isOf(block, this.#arena) || this.#sources.has(dataId)) return;
    this.#sources.set(dataId, { dataId, block, variable: this.#variables.get(dataId) });
  }

  computesInJavaScript(kernelName: string, inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap): void {
    const sameType = kernelName === 'Cast' && inputs.x?.dtype === attrs.dtype;
    if (!computeNothing.has(kernelName) && !sameType) this.refuse(`${kernelName} is computed in JavaScript`);
  }

  /** Whether every variable and constant is still where it was read. */
  isCurrent(): boolean {
    const { data } = this.#backend;
    for (const { dataId, block, variable } of this.#sources.values()) {
      if (variable && variable.dataId !== dataId) return false;
      if (!data.has(dataId) || data.get(dataId).values !== block.view) return false;
    }
    return true;
  }

  replay(): void {
    const { device } = this.#backend;
    for (const { kernel, args, items, scratchFloats } of this.#calls) device.run(kernel, args, items, scratchFloats);
  }
}

function variablesByData(): Map<object, tf.Variable> {
  const { registeredVariables } = tf.engine().state;
  return new Map(Object.values(registeredVariables).map((variable) => [variable.dataId, variable]));
}

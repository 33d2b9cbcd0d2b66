import * as tf from '@tensorflow/tfjs-core';
import type { AutopilotBackend } from '../autopilot-backend.ts';
import type { Arena, Block } from '../device/heap.ts';
import { autopilotBackend, toTensor } from '../gradients.ts';
import { Recording } from './recording.ts';

/** Maps tensors to tensors, all float32; the caller disposes of the results. */
export type Pass = (inputs: tf.Tensor[]) => tf.Tensor[];

export interface ReplayedOptions {
  /** A pass that needs more memory than this is not kept, since the gain does not grow with it. 256 MiB by default. */
  mostBytes?: number;
}

/** A pass that is replayed if possible. */
export interface Replayed {
  (inputs: readonly tf.Tensor[]): tf.Tensor[];
  /** Why it is computed anew in every call; undefined if it is replayed. */
  readonly refused: string | undefined;
  /** Releases the memory of the recordings. */
  dispose(): void;
}

interface Output {
  shape: number[];
  block: Block;
}

/** One recording, with the blocks of its inputs and outputs. */
interface Program {
  backend: AutopilotBackend;
  arena: Arena;
  recording: Recording;
  inputs: Block[];
  outputs: Output[];
  /** Data ids of the outputs returned last. */
  given: object[];
  /** Whether a second, ordinary pass gave the same bits. */
  proven: boolean;
}

const mostPrograms = 4;

/**
 * A pass whose kernels are recorded with their arguments in its first call for inputs of given shapes, and repeated
 * without TensorFlow.js in later calls: no tape, no graph, no intermediate tensors, the same bits. For steps of small
 * networks, where TensorFlow.js itself takes a third to three quarters of the time.
 *
 * The pass must depend only on its inputs and on variables. If a violation is detected, it is computed anew in every
 * call and `refused` says why. Detected are reading values, assigning variables or updating them in place, operations
 * that C lacks and, because the second call computes both ways and compares every bit, random numbers. Not detected is
 * a decision in JavaScript that differs in a later call. A variable assigned between calls causes a new recording. On
 * other back ends every call computes anew.
 */
export function replayed(pass: Pass, { mostBytes = 256 * 2 ** 20 }: ReplayedOptions = {}): Replayed {
  const programs = new Map<string, Program>();
  let refused: string | undefined;

  function drop(key: string): void {
    const program = programs.get(key);
    if (!program) return;
    programs.delete(key);
    program.backend.device.heap.dissolve(program.arena);
  }

  function refuse(reason: string): void {
    refused = reason;
    for (const key of [...programs.keys()]) drop(key);
  }

  function first(backend: AutopilotBackend, key: string, inputs: readonly tf.Tensor[]): tf.Tensor[] {
    const { program, outputs, reason } = record(backend, pass, inputs);
    const tooLarge = program.arena.bytes > mostBytes;
    programs.set(key, program);
    if (reason !== undefined) refuse(reason);
    else if (tooLarge) refuse(`it needs ${Math.ceil(program.arena.bytes / 2 ** 20)} MiB`);
    else if (programs.size > mostPrograms) refuse(`its inputs have more than ${mostPrograms} shapes`);
    return outputs;
  }

  /** Computes both ways and compares; returns the ordinary result. */
  function prove(program: Program, inputs: readonly tf.Tensor[]): tf.Tensor[] {
    const ordinary = pass([...inputs]);
    const repeated = replay(program, inputs);
    program.proven = ordinary.every((tensor, index) => sameBits(program.backend, tensor, repeated[index]!));
    tf.dispose(repeated);
    if (!program.proven) refuse('a second call gave other values than the kernels of the first');
    return ordinary;
  }

  const call = (inputs: readonly tf.Tensor[]): tf.Tensor[] => {
    const backend = autopilotBackend();
    if (!backend || refused !== undefined || backend.recording) return pass([...inputs]);
    const key = inputs.map(({ dtype, shape }) => `${dtype} ${shape.join('x')}`).join(', ');
    const program = programs.get(key);
    if (program && (program.backend !== backend || !program.recording.isCurrent())) drop(key);
    const kept = programs.get(key);
    if (!kept) return first(backend, key, inputs);
    return kept.proven ? replay(kept, inputs) : prove(kept, inputs);
  };
  return Object.defineProperties(call, {
    refused: { get: () => refused },
    dispose: { value: () => [...programs.keys()].forEach(drop) },
  }) as Replayed;
}

/** Runs the pass on copies of the inputs and records its kernels. */
function record(backend: AutopilotBackend, pass: Pass, inputs: readonly tf.Tensor[]) {
  const { heap } = backend.device;
  moveVariablesIntoHeap(backend);
  return heap.withArena((arena) => {
    const recording = new Recording(backend, arena);
    const own = inputs.map((input) => {
      if (input.dtype !== 'float32') recording.refuse(`an input is ${input.dtype}, not float32`);
      const block = heap.allocateKept(input.size);
      block.view.set(valuesOf(backend, input));
      return { block, tensor: toTensor(backend.makeTensorInfo(input.shape, 'float32', block.view)) };
    });
    const outputs = recording.run(() => pass(own.map(({ tensor }) => tensor)));
    const given = outputs.map((tensor) => ({ tensor, block: heap.blockOf(valuesOf(backend, tensor)) }));
    const isOutput = ({ tensor, block }: (typeof given)[number]): boolean =>
      tensor.dtype === 'float32' && block !== undefined && heap.isOf(block, arena);
    if (!given.every(isOutput)) recording.refuse('an output is not computed by a kernel');
    if (new Set(given.map(({ block }) => block)).size < given.length) recording.refuse('two outputs share memory');
    if (given.some(({ block }) => own.some((input) => input.block === block)))
      recording.refuse('an output is an input');
    tf.dispose(own.map(({ tensor }) => tensor));
    const program: Program = {
      backend,
      arena,
      recording,
      inputs: own.map(({ block }) => block),
      outputs: given.map(({ tensor, block }) => ({ shape: tensor.shape, block: block! })),
      given: outputs.map(({ dataId }) => dataId),
      proven: false,
    };
    return { program, outputs, reason: recording.refused };
  });
}

/** Without this, variables whose values TensorFlow.js holds would be taken for constants of the recording. */
function moveVariablesIntoHeap(backend: AutopilotBackend): void {
  for (const variable of Object.values(tf.engine().state.registeredVariables))
    if (variable.dtype === 'float32' && backend.data.has(variable.dataId)) backend.address(variable);
}

/** Repeats the kernels on new inputs. */
function replay(program: Program, inputs: readonly tf.Tensor[]): tf.Tensor[] {
  const { backend, outputs, recording } = program;
  for (const [index, dataId] of program.given.entries()) saveFrom(backend, dataId, outputs[index]!.block);
  inputs.forEach((input, index) => {
    program.inputs[index]!.view.set(valuesOf(backend, input));
  });
  recording.replay();
  const tensors = outputs.map(({ shape, block }) => {
    backend.device.heap.useAgain(block);
    return toTensor(backend.makeTensorInfo(shape, 'float32', block.view));
  });
  program.given = tensors.map(({ dataId }) => dataId);
  return tensors;
}

/** Moves the values of a tensor that still exists out of a block that is about to be overwritten. */
function saveFrom(backend: AutopilotBackend, dataId: object, block: Block): void {
  if (!backend.data.has(dataId)) return;
  const data = backend.data.get(dataId);
  if (data.values !== block.view) return;
  const own = backend.device.heap.allocate(block.view.length);
  own.view.set(block.view);
  data.values = own.view;
}

function valuesOf(backend: AutopilotBackend, { dataId }: tf.Tensor): Float32Array {
  return backend.data.get(dataId).values as Float32Array;
}

function sameBits(backend: AutopilotBackend, a: tf.Tensor, b: tf.Tensor): boolean {
  const bytes = [a, b].map((tensor) => {
    const { buffer, byteOffset, byteLength } = valuesOf(backend, tensor);
    return Buffer.from(buffer, byteOffset, byteLength);
  });
  return bytes[0]!.equals(bytes[1]!);
}

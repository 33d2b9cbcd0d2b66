import os from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { AutopilotError } from '../../domain/errors.ts';
import type { BackendCandidate, ComputeOptions } from './backend-candidate.ts';
import { cpuBackend } from './cpu-backend.ts';
import { embeddedBackend } from './embedded-backend.ts';
import { nativeBackend } from './native-backend.ts';
import { tensorflowBackend } from './tensorflow-backend.ts';
import { webgpuBackend } from './webgpu-backend.ts';

/** Every back end, in the order in which `auto` tries them. */
export const backendCandidates: readonly BackendCandidate[] = [
  tensorflowBackend('tensorflow-gpu', '@tensorflow/tfjs-node-gpu'),
  tensorflowBackend('tensorflow', '@tensorflow/tfjs-node'),
  webgpuBackend,
  nativeBackend,
  embeddedBackend,
  cpuBackend,
];

/** The back end in use, and why it was chosen. */
export interface Compute {
  /** One of the names of `backendCandidates`. */
  backend: string;
  threads: number;
  exact: boolean;
  precision: ComputeOptions['precision'];
  /** One sentence: what was chosen, why, and what was passed over. */
  reason: string;
}

/**
 * Chooses the back end of this process and makes it TensorFlow.js's current one. An explicit choice is taken, or
 * refused with the reason; `auto` takes the first that works. `threads` defaults to the cores of the machine.
 */
export async function openCompute(
  {
    backend = 'auto',
    threads = os.availableParallelism(),
    exact = false,
    precision = 'float32',
  }: Partial<ComputeOptions> = {},
  candidates: readonly BackendCandidate[] = backendCandidates,
): Promise<Compute> {
  const options = { backend, threads, exact, precision };
  if (precision === 'bf16') requireNative(backend);
  if (backend !== 'auto') {
    const asked = candidates.find((candidate) => candidate.name === backend);
    if (!asked) {
      const names = candidates.map((candidate) => candidate.name).join(', ');
      throw new AutopilotError('unknownBackend', `compute.backend: "${backend}" is not known. Use auto, ${names}.`);
    }
    const probe = await asked.probe(options);
    if (probe.state === 'rejected')
      throw new AutopilotError('backendUnavailable', `compute.backend: "${backend}" cannot be used: ${probe.reason}.`);
    await asked.open(options);
    return { ...options, backend, reason: `${backend}: asked for; ${probe.detail}` };
  }
  const passed: string[] = [];
  for (const candidate of candidates) {
    const probe = await candidate.probe(options);
    if (probe.state === 'rejected') {
      passed.push(`${candidate.name}: ${probe.reason}`);
      continue;
    }
    await candidate.open(options);
    const after = passed.length > 0 ? ` (passed over ${passed.join('; ')})` : '';
    return { ...options, backend: candidate.name, reason: `${candidate.name}: ${probe.detail}${after}` };
  }
  throw new AutopilotError('backendUnavailable', `No compute back end works: ${passed.join('; ')}.`);
}

/** Makes bf16 name its back end, so that the arithmetic never depends on what happens to be installed. */
function requireNative(backend: string): void {
  if (backend !== 'native')
    throw new AutopilotError(
      'backendUnavailable',
      `compute.precision: only the native back end supports bf16, but compute.backend is "${backend}"; set compute.backend: native, or precision: float32.`,
    );
}

/** Ends the threads of the current back end; the process can then continue with another one. */
export function closeCompute(): void {
  const name = tf.getBackend();
  if (name && name !== 'cpu') tf.removeBackend(name);
}

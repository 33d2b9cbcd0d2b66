import type { KernelBackend } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

type Factory = () => KernelBackend | Promise<KernelBackend>;

const factories = new Map<string, Factory>();

/**
 * Whether a package that was just loaded has registered a back end with our TensorFlow.js and not with its own copy of
 * tfjs-core. Packages register only once, while they load, so the registration is kept for `useRegistered`.
 */
export function isRegistered(name: string): boolean {
  const factory = tf.findBackendFactory(name) as Factory | null;
  if (factory) factories.set(name, factory);
  return factories.has(name);
}

/** Makes a registered back end the current one, even after it was closed. */
export async function useRegistered(name: string): Promise<void> {
  const factory = factories.get(name);
  if (factory && !tf.findBackendFactory(name)) tf.registerBackend(name, factory);
  await tf.setBackend(name);
}

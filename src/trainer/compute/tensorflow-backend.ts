import { createRequire } from 'node:module';
import * as util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { messageOf } from '../../domain/errors.ts';
import type { BackendCandidate } from './backend-candidate.ts';

const require = createRequire(import.meta.url);

/**
 * tfjs-node calls util.isNullOrUndefined, which Node 23 removed (tfjs issue 8609; the fix was merged and never released).
 */
export function polyfillNodeUtil(target: Record<string, unknown> = require('node:util')): boolean {
  if (typeof target.isNullOrUndefined === 'function') return false;
  target.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  return true;
}

/** TensorFlow's own C library through a package that the user installed. */
export function tensorflowBackend(name: string, packageName: string): BackendCandidate {
  return {
    name,
    async probe() {
      try {
        require.resolve(packageName);
      } catch {
        return { state: 'rejected', reason: `${packageName} is not installed` };
      }
      polyfillNodeUtil();
      try {
        require(packageName);
      } catch (error) {
        return { state: 'rejected', reason: `${packageName} does not load: ${firstLine(messageOf(error))}` };
      }
      if (!tf.findBackend('tensorflow'))
        return { state: 'rejected', reason: `${packageName} brought its own copy of @tensorflow/tfjs-core` };
      return { state: 'usable', detail: `${packageName} with TensorFlow's C library` };
    },
    async open() {
      await tf.setBackend('tensorflow');
    },
  };
}

function firstLine(text: string): string {
  return util.stripVTControlCharacters(text).split('\n')[0] ?? '';
}

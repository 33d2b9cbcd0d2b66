import { createRequire } from 'node:module';
import * as util from 'node:util';
import { messageOf } from '../../domain/errors.ts';
import type { BackendCandidate } from './backend-candidate.ts';
import { isRegistered, useRegistered } from './registered-backend.ts';

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
    async probe({ threads }) {
      try {
        require.resolve(packageName);
      } catch {
        return { state: 'rejected', reason: `${packageName} is not installed` };
      }
      polyfillNodeUtil();
      limitThreads(threads);
      try {
        const { version } = require(packageName) as { version?: Record<string, string> };
        if (!isRegistered('tensorflow'))
          return { state: 'rejected', reason: `${packageName} brought its own copy of @tensorflow/tfjs-core` };
        return { state: 'usable', detail: `${packageName} ${version?.['tfjs-node'] ?? ''}`.trim() };
      } catch (error) {
        return { state: 'rejected', reason: `${packageName} does not load: ${firstLine(messageOf(error))}` };
      }
    },
    async open() {
      await useRegistered('tensorflow');
    },
  };
}

/** The C library reads these once, when it loads; by default it takes every core, whatever other processes do. */
function limitThreads(threads: number): void {
  process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
  process.env.TF_NUM_INTEROP_THREADS ??= '1';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
}

function firstLine(text: string): string {
  return util.stripVTControlCharacters(text).split('\n')[0] ?? '';
}

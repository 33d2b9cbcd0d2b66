import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { nativeBackend } from '../../../src/trainer/compute/native-backend.ts';
import { closeCompute, openCompute } from '../../../src/trainer/compute/open-compute.ts';
import { polyfillNodeUtil, tensorflowBackend } from '../../../src/trainer/compute/tensorflow-backend.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tensorflow-package-'));
const require = createRequire(import.meta.url);
const tfjsCore = require.resolve('@tensorflow/tfjs-core');
const tfjsCpu = require.resolve('@tensorflow/tfjs-backend-cpu');

/** A package folder whose main module is `source`. */
function packageOf(name: string, source: string): string {
  const file = path.join(folder, name, 'index.js');
  mkdirSync(path.dirname(file));
  writeFileSync(file, source);
  return file;
}

/** As tfjs-node does: registers while it loads, and calls what Node 23 removed. */
const working = packageOf(
  'working',
  `const tf = require(${JSON.stringify(tfjsCore)});
   const { MathBackendCPU } = require(${JSON.stringify(tfjsCpu)});
   if (require('node:util').isNullOrUndefined(0)) throw new Error('not a polyfill');
   tf.registerBackend('tensorflow', () => new MathBackendCPU(), 3);
   exports.version = { 'tfjs-node': '4.22.0' };`,
);

afterEach(closeCompute);
afterAll(() => rmSync(folder, { recursive: true }));

describe('TensorFlow', () => {
  it('is rejected with the reason where its package is missing, does not load, or has another TensorFlow.js', async () => {
    const broken = packageOf('broken', "throw new Error('libtensorflow.so.2: cannot open shared object file\\n at x')");
    const foreign = packageOf('foreign', 'exports.version = {};');
    const reasons = [];
    for (const name of ['@tensorflow/no-such-package', broken, foreign])
      reasons.push(
        await tensorflowBackend('tensorflow', name).probe({
          backend: 'auto',
          threads: 1,
          exact: false,
          precision: 'float32',
        }),
      );
    expect(reasons).toEqual([
      { state: 'rejected', reason: '@tensorflow/no-such-package is not installed' },
      { state: 'rejected', reason: `${broken} does not load: libtensorflow.so.2: cannot open shared object file` },
      { state: 'rejected', reason: `${foreign} brought its own copy of @tensorflow/tfjs-core` },
    ]);
  });

  it('is taken before native when its package is installed, also by a Node without util.isNullOrUndefined', async () => {
    delete (require('node:util') as Record<string, unknown>).isNullOrUndefined;
    const candidates = [tensorflowBackend('tensorflow', working), nativeBackend];
    for (const time of ['first', 'again']) {
      const compute = await openCompute({ threads: 1 }, candidates);
      expect(compute.backend, time).toBe('tensorflow');
      expect(compute.reason).toBe(`tensorflow: ${working} 4.22.0`);
      expect(tf.getBackend()).toBe('tensorflow');
      closeCompute();
    }
  });

  it('gives util.isNullOrUndefined back to Node 23 and newer', () => {
    const target: Record<string, unknown> = {};
    expect(polyfillNodeUtil(target)).toBe(true);
    const isNullOrUndefined = target.isNullOrUndefined as (value: unknown) => boolean;
    expect([undefined, null, 0, ''].map(isNullOrUndefined)).toEqual([true, true, false, false]);
    expect(polyfillNodeUtil(target)).toBe(false);
  });
});

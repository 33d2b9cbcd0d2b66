import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type AutopilotBackend,
  convBiasRelu,
  openEmbeddedDevice,
  openNativeDevice,
  registerEmbedded,
  selfTest,
  softmaxCrossEntropy,
} from '../src/index.ts';
import { type BackendUnderTest, backendsUnderTest, noise, valuesOn } from './support/backends.ts';

let backends: BackendUnderTest[];
beforeAll(async () => {
  backends = await backendsUnderTest();
});

const source = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../src/index.ts');

/** One step of a two-layer network: the loss and the gradients of both filters. */
function step(seed: number): tf.Tensor[] {
  const x = noise([3, 16, 16, 16], seed) as tf.Tensor4D;
  const filters = [noise([3, 3, 16, 32], 2), noise([1, 1, 32, 2], 3)];
  const labels = tf.softmax(noise([3, 16, 16, 2], 4));
  const loss = (a: tf.Tensor, b: tf.Tensor) => {
    const hidden = convBiasRelu(x, a as tf.Tensor4D, tf.zeros([32]));
    const pooled = tf.maxPool(hidden, 2, 2, 'same');
    const up = tf.image.resizeBilinear(pooled, [16, 16]);
    return softmaxCrossEntropy(labels, tf.conv2d(up, b as tf.Tensor4D, 1, 'same'));
  };
  const { value, grads } = tf.valueAndGrads(loss)(filters);
  return [value, ...grads];
}

describe('a device', () => {
  it('passes the self-test on every instruction set, and fails it when its kernels are wrong', async () => {
    for (const device of [await openEmbeddedDevice(), await openNativeDevice().catch(() => undefined)]) {
      if (!device) continue;
      expect(selfTest(device)).toBeUndefined();
      const broken = { ...device, run: () => undefined };
      expect(selfTest(broken)).toMatch(/wrong/);
      await device.dispose();
    }
  });

  it('hands a failure in any thread to the caller, whatever its kind, and goes on working', async () => {
    for (const { name } of backends) {
      await tf.setBackend(name);
      const { device } = tf.backend() as AutopilotBackend;
      const codes = device.kind === 'embedded' ? [7, 0] : [7];
      for (const code of codes)
        for (const item of [0, 1, 63]) expect(() => device.run('fail', [item, code], 64)).toThrow('kernel fail failed');
      device.run('fail', [99, 1], 64);
      expect(tf.tidy(() => tf.sum(tf.ones([300_000])).dataSync()[0])).toBe(300_000);
    }
  });

  it('misses no thread that was terminated: the next call ends soon, and the pool is whole again', async () => {
    const workers: Worker[] = [];
    const record = (worker: Worker) => workers.push(worker);
    process.on('worker', record);
    const device = await openEmbeddedDevice({ threads: 3 });
    try {
      for (let round = 0; round < 10; round++) {
        const count = workers.length;
        const ready = new Promise<void>((resolve) =>
          process.once('worker', (worker) => worker.once('message', () => setImmediate(resolve))),
        );
        const victim = workers[count - 1]!;
        const ended = victim.terminate();
        for (let call = 0; call < 50; call++) {
          try {
            device.run('fail', [99, 1], 64);
          } catch (error) {
            expect(String(error)).toContain('a thread was lost');
          }
        }
        await ended;
        await ready;
        expect(workers.length).toBe(count + 1);
        device.run('fail', [99, 1], 64);
      }
    } finally {
      process.off('worker', record);
      await device.dispose();
    }
  }, 30_000);

  it('notices a thread that died inside a kernel, and has the pool whole again afterwards', async () => {
    let victim: Worker | undefined;
    process.once('worker', (worker) => {
      victim = worker;
    });
    const device = await openEmbeddedDevice({ threads: 2 });
    const notify = Atomics.notify;
    const kill = vi.spyOn(Atomics, 'notify').mockImplementation((words, index, count) => {
      const woken = notify(words as Int32Array, index, count);
      const inside = () => Atomics.load(words as Int32Array, words.length - 1) === 1;
      for (let look = 0; look < 1e7 && !inside(); look++);
      if (inside()) void victim?.terminate();
      return woken;
    });
    try {
      const ready = new Promise<void>((resolve) =>
        process.once('worker', (worker) => worker.once('message', () => setImmediate(resolve))),
      );
      const ended = new Promise((resolve) => victim!.once('exit', resolve));
      expect(() => device.run('fail', [-1, 0], 2 ** 28)).toThrow('a thread was lost');
      kill.mockRestore();
      device.run('fail', [99, 1], 64);
      await ended;
      await ready;
      device.run('fail', [99, 1], 64);
    } finally {
      kill.mockRestore();
      await device.dispose();
    }
  }, 30_000);

  it('stays usable when a step throws half-way', async () => {
    for (const { name } of backends) {
      await tf.setBackend(name);
      const before = tf.memory().numTensors;
      expect(() =>
        tf.tidy(() => {
          step(1);
          throw new Error('half-way');
        }),
      ).toThrow('half-way');
      expect(tf.memory().numTensors).toBe(before);
      const values = await valuesOn(name, () => step(1));
      expect(values.every(({ data }) => data.every(Number.isFinite))).toBe(true);
    }
  });

  it('gives the same bits again, and with one thread as with two', async () => {
    const bits = new Map<string, string>();
    for (const { name } of backends) {
      const [first, again] = [await valuesOn(name, () => step(5)), await valuesOn(name, () => step(5))];
      const digest = first.map(({ data }) => Buffer.from(data.buffer).toString('base64')).join();
      expect(again.map(({ data }) => Buffer.from(data.buffer).toString('base64')).join()).toBe(digest);
      const family = name.replace(/-[12]/, '');
      expect(digest).toBe(bits.get(family) ?? digest);
      bits.set(family, digest);
    }
  });

  it('neither leaks tensors nor grows its heap over 2,000 steps', async () => {
    for (const { name } of backends.filter(({ name }) => /^(embedded|avx2)-2$/.test(name))) {
      await tf.setBackend(name);
      const w = tf.variable(noise([3, 3, 4, 8], 1) as tf.Tensor4D);
      const x = noise([1, 8, 8, 4], 2) as tf.Tensor4D;
      const { device } = tf.backend() as AutopilotBackend;
      const run = (steps: number) => {
        for (let i = 0; i < steps; i++)
          tf.tidy(() => {
            const dw = tf.grad((w) => tf.sum(tf.relu(tf.conv2d(x, w as tf.Tensor4D, 1, 'same'))))(w);
            w.assign(tf.sub(w, tf.mul(dw, 1e-3)));
          });
        return { tensors: tf.memory().numTensors, used: device.heap.used, reserved: device.heap.reserved };
      };
      expect(run(1990)).toEqual(run(10));
      w.dispose();
      x.dispose();
    }
  });

  it('passes NaN and infinity on through every layer of a network', async () => {
    for (const { name } of backends) {
      const [loss, ...grads] = await valuesOn(name, () => {
        const x = tf.tensor4d(new Float32Array(256).fill(1).fill(Number.NaN, 100, 101), [1, 16, 16, 1]);
        const w = tf.ones([3, 3, 1, 16]) as tf.Tensor4D;
        const f = (w: tf.Tensor) =>
          tf.sum(tf.maxPool(tf.relu(tf.conv2d(x, w as tf.Tensor4D, 1, 'same')), 2, 2, 'same'));
        return [f(w), tf.grad(f)(w)];
      });
      expect(loss!.data[0]).toBeNaN();
      expect(grads[0]!.data.some(Number.isNaN)).toBe(true);
    }
  });

  it('is registered again after it was removed, without a word', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    for (let round = 0; round < 2; round++) {
      registerEmbedded({ name: 'registered-again' });
      await tf.setBackend('registered-again');
      expect(tf.tidy(() => tf.sum(tf.ones([100])).dataSync()[0])).toBe(100);
      tf.removeBackend('registered-again');
    }
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('lets the process end by itself', async () => {
    const program = `
      import * as tf from '@tensorflow/tfjs-core';
      const { registerEmbedded, registerNative } = await import(${JSON.stringify(source)});
      for (const register of [registerEmbedded, registerNative]) {
        register({ name: register.name, threads: 3 });
        if (await tf.setBackend(register.name).catch(() => false)) console.log(tf.sum(tf.ones([100000])).dataSync()[0]);
      }`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', program],
      {
        cwd: path.dirname(source),
        timeout: 50_000,
      },
    );
    expect(stdout).toMatch(/^100000\n/);
  });
});

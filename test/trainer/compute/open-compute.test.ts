import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import type { BackendCandidate, Probe } from '../../../src/trainer/compute/backend-candidate.ts';
import { describeBackends } from '../../../src/trainer/compute/describe-backends.ts';
import { backendCandidates, closeCompute, openCompute } from '../../../src/trainer/compute/open-compute.ts';

const opened: string[] = [];
const fake = (name: string, probe: Probe): BackendCandidate => ({
  name,
  probe: async () => probe,
  open: async () => {
    opened.push(name);
  },
});
const works = fake('works', { state: 'usable', detail: 'fine' });
const later = fake('later', { state: 'usable', detail: 'also fine' });
const broken = fake('broken', { state: 'rejected', reason: 'it is not installed' });

describe('opening a compute back end', () => {
  it('takes the first that works and says what was passed over and why', async () => {
    const compute = await openCompute({ threads: 3 }, [broken, works, later]);
    expect(compute).toEqual({
      backend: 'works',
      threads: 3,
      exact: false,
      precision: 'float32',
      reason: 'works: fine (passed over broken: it is not installed)',
    });
    expect(opened).toEqual(['works']);
  });

  it('takes what is asked for, whatever comes first', async () => {
    expect((await openCompute({ backend: 'later' }, [works, later])).reason).toBe('later: asked for; also fine');
  });

  it('refuses what is asked for and does not work, rather than taking another', async () => {
    await expect(openCompute({ backend: 'broken' }, [broken, works])).rejects.toThrow(
      'compute.backend: "broken" cannot be used: it is not installed.',
    );
    await expect(openCompute({ backend: 'gpu' }, [works, later])).rejects.toThrow('Use auto, works, later.');
    await expect(openCompute({}, [broken])).rejects.toThrow('No compute back end works: broken: it is not installed.');
  });

  it('refuses bf16 wherever another back end would have to compute it', async () => {
    for (const backend of ['auto', 'embedded'])
      await expect(openCompute({ backend, precision: 'bf16' })).rejects.toThrow(
        `compute.precision: only the native back end supports bf16, but compute.backend is "${backend}"`,
      );
  });

  it('tries TensorFlow, then WebGPU, native, embedded, and plain JavaScript last', () => {
    expect(backendCandidates.map(({ name }) => name)).toEqual([
      'tensorflow-gpu',
      'tensorflow',
      'webgpu',
      'native',
      'embedded',
      'cpu',
    ]);
  });

  it('computes the same on the back ends that need nothing installed', async () => {
    const sums = [];
    for (const backend of ['embedded', 'cpu']) {
      await openCompute({ backend, threads: 2 });
      sums.push(
        tf.tidy(
          () =>
            tf
              .sum(tf.conv2d(tf.ones<tf.Rank.R4>([1, 8, 8, 2]), tf.ones<tf.Rank.R4>([3, 3, 2, 4]), 1, 'same'))
              .dataSync()[0],
        ),
      );
      closeCompute();
    }
    expect(sums[0]).toBe(sums[1]);
  });
});

describe('describing the back ends', () => {
  it('marks what auto takes and what works beside it, and leaves the current back end alone', async () => {
    await openCompute({ backend: 'cpu' });
    const reports = await describeBackends({ measureMs: 0, candidates: [broken, works, later] });
    expect(reports).toEqual([
      { name: 'broken', state: 'rejected', detail: 'it is not installed' },
      { name: 'works', state: 'chosen', detail: 'fine' },
      { name: 'later', state: 'usable', detail: 'also fine' },
    ]);
    expect(tf.getBackend()).toBe('cpu');
  });

  it('measures a speed', async () => {
    const embedded = backendCandidates.filter(({ name }) => name === 'embedded');
    const [report] = await describeBackends({ measureMs: 20, threads: 1, candidates: embedded });
    expect(report!.gigaflops).toBeGreaterThan(0);
  });
});

afterAll(closeCompute);

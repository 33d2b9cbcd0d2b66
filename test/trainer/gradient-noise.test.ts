import { beforeAll, describe, expect, it } from 'vitest';
import { noiseScale } from '../../src/domain/noise-scale.ts';
import { openCompute } from '../../src/trainer/compute/open-compute.ts';
import { localExact, localFused } from '../../src/trainer/strategy/local.ts';
import { trainTiny } from './tiny-training.ts';

beforeAll(async () => {
  await openCompute({ backend: 'cpu', threads: 1 });
});

const noises = (results: Awaited<ReturnType<typeof trainTiny>>['epochResults']) =>
  results.map(({ measured }) => measured.gradientNoise);

describe('the gradient noise of a training', () => {
  it('is measured in each epoch of k workers, and changes no bit of the weights', async () => {
    const options = { epochs: 2, batchPerWorker: 2 };
    const measured = await trainTiny({ ...options, strategy: localExact(3) });
    const without = await trainTiny({ ...options, strategy: { ...localExact(3), plainMean: false } });
    expect(noises(without.epochResults)).toEqual([undefined, undefined]);
    for (const noise of noises(measured.epochResults)) {
      expect(noise!.trace).toBeGreaterThan(0);
      expect(noise!.trace + noise!.squaredNorm).toBeGreaterThan(0);
    }
    expect(measured.weights).toEqual(without.weights);
    expect(measured.epochResults.map(({ loss }) => loss)).toEqual(without.epochResults.map(({ loss }) => loss));
  });

  it('is about the same, whoever measures it: per sample, not per worker', async () => {
    // At a rate of almost nothing, so that all of them look at the same weights.
    const common = { epochs: 6, rate: 1e-9 };
    const scales = [];
    for (const [workers, batchPerWorker] of [
      [2, 1],
      [6, 1],
      [3, 2],
    ] as const) {
      const { epochResults } = await trainTiny({ ...common, strategy: localExact(workers), batchPerWorker });
      const all = noises(epochResults).map((noise) => noise!);
      const sum = (name: 'trace' | 'squaredNorm') => all.reduce((total, noise) => total + noise[name], 0);
      scales.push(noiseScale({ trace: sum('trace'), squaredNorm: sum('squaredNorm') })!);
    }
    for (const scale of scales) expect(scale / scales[0]!).toBeCloseTo(1, 0);
    expect(Math.max(...scales) / Math.min(...scales)).toBeLessThan(1.3);
  });

  it('is not measured of one worker, nor where one batch is all of them', async () => {
    for (const strategy of [localExact(1), localFused(3)]) {
      const { epochResults } = await trainTiny({ epochs: 1, strategy });
      expect(noises(epochResults)).toEqual([undefined]);
    }
  });
});

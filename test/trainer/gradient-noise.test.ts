import { beforeAll, describe, expect, it } from 'vitest';
import { noiseScale } from '../../src/domain/noise-scale.ts';
import { openCompute } from '../../src/trainer/compute/open-compute.ts';
import { localExact, localFused } from '../../src/trainer/strategy/local.ts';
import { tinyFcn, trainTiny } from './tiny-training.ts';

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
    const scales = [];
    for (const [strategy, batchPerWorker, epochs] of [
      [localExact(2), 1, 6],
      [localExact(6), 1, 6],
      [localExact(3), 2, 6],
      // One worker's gradient an epoch, each slice about once.
      [localFused(12), 1, 24],
    ] as const) {
      const { epochResults } = await trainTiny({ rate: 1e-9, epochs, strategy, batchPerWorker });
      const all = noises(epochResults).map((noise) => noise!);
      const sum = (name: 'trace' | 'squaredNorm') => all.reduce((total, noise) => total + noise[name], 0);
      scales.push(noiseScale({ trace: sum('trace'), squaredNorm: sum('squaredNorm') })!);
    }
    const exact = scales.slice(0, 3);
    expect(Math.max(...exact) / Math.min(...exact)).toBeLessThan(1.3);
    expect(Math.max(...scales) / Math.min(...scales)).toBeLessThan(1.6);
  });

  it('takes one worker beside all of them where one batch is theirs, which changes no bit either', async () => {
    const measured = await trainTiny({ epochs: 2, strategy: localFused(3), batchPerWorker: 2 });
    // One worker with as many samples takes the same steps, and has nobody to be beside.
    const without = await trainTiny({ epochs: 2, strategy: localFused(1), batchPerWorker: 6 });
    expect(noises(measured.epochResults).every((noise) => noise !== undefined)).toBe(true);
    expect(noises(without.epochResults)).toEqual([undefined, undefined]);
    expect(measured.weights).toEqual(without.weights);
  });

  it('is not measured of one worker, nor where a layer mixes their samples', async () => {
    for (const options of [
      { strategy: localExact(1) },
      { strategy: localFused(3), model: { ...tinyFcn, normalization: 'batch' as const } },
    ]) {
      const { epochResults } = await trainTiny({ epochs: 1, ...options });
      expect(noises(epochResults)).toEqual([undefined]);
    }
  });
});

import { beforeAll, expect, it } from 'vitest';
import { openCompute } from '../../src/trainer/compute/open-compute.ts';
import { augmentedSlice } from '../../src/trainer/data/augmentation.ts';
import { localExact, localFused } from '../../src/trainer/strategy/local.ts';
import { largestDifference, tinyData, trainTiny } from './tiny-training.ts';

const options = {
  rotationDegrees: 45,
  zoom: [0.8, 1.2] as [number, number],
  translationPx: 2,
  flips: ['horizontal' as const],
  noise: 0.1,
};

beforeAll(async () => {
  await openCompute({ backend: 'cpu', threads: 1 });
});

it('draws what follows from seed, epoch and slice alone', () => {
  const of = (seed: number, epoch: number, slice: number) =>
    augmentedSlice({ dataset: tinyData, options, seed, epoch })(tinyData.splits.train, slice);
  expect(of(1, 2, 3)).toEqual(of(1, 2, 3));
  expect(of(2, 2, 3).image).not.toEqual(of(1, 2, 3).image);
  expect(of(1, 3, 3).image).not.toEqual(of(1, 2, 3).image);
});

it('shows the same pictures to any number of workers', async () => {
  const one = await trainTiny({ augmentation: options, strategy: localFused(1), batchPerWorker: 4 });
  const four = await trainTiny({ augmentation: options, strategy: localExact(4), batchPerWorker: 1 });
  expect(largestDifference(one.weights, four.weights)).toBeLessThan(1e-5);
  const plain = await trainTiny({ strategy: localFused(1), batchPerWorker: 4 });
  expect(largestDifference(one.weights, plain.weights)).toBeGreaterThan(1e-3);
});

it('goes on after a checkpoint with the pictures of an undisturbed training', async () => {
  const whole = await trainTiny({ augmentation: options, epochs: 2 });
  const resumed = await trainTiny({ augmentation: options, epochs: 2, resumeFrom: whole.checkpoints[0]! });
  expect(resumed.weights).toEqual(whole.weights);
});

import { beforeAll, describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../src/config/sections/model.ts';
import { openCompute } from '../../src/trainer/compute/open-compute.ts';
import { localExact, localFused } from '../../src/trainer/strategy/local.ts';
import { openStrategy } from '../../src/trainer/strategy/open-strategy.ts';
import { largestDifference, tinyFcn, trainTiny } from './tiny-training.ts';

beforeAll(async () => {
  await openCompute({ backend: 'cpu', threads: 1 });
});

const unet: ModelConfig = {
  architecture: 'unet',
  channels: 2,
  depth: 2,
  normalization: 'instance',
  groups: 1,
  dropout: 0,
};

describe('k workers with batch b', () => {
  const cases = [
    { model: tinyFcn, workers: 2, batch: 3, loss: 'crossEntropy' },
    { model: tinyFcn, workers: 3, batch: 2, loss: 'combined' },
    { model: unet, workers: 6, batch: 1, loss: 'dice' },
  ];
  it.each(cases)('give the weights of one worker with batch k·b: $workers × $batch, $loss', async (options) => {
    const { model, workers, batch, loss } = options;
    const common = { model, loss, epochs: 2 };
    const one = await trainTiny({ ...common, batchPerWorker: workers * batch });
    for (const strategy of [localFused(workers), localExact(workers)]) {
      const many = await trainTiny({ ...common, strategy, batchPerWorker: batch });
      expect(largestDifference(many.weights, one.weights)).toBeLessThan(2e-5);
      expect(many.epochResults[0]!.loss).toBeCloseTo(one.epochResults[0]!.loss, 5);
    }
    const other = await trainTiny({ ...common, batchPerWorker: batch });
    expect(largestDifference(other.weights, one.weights)).toBeGreaterThan(1e-3);
  });
});

describe('batch normalization', () => {
  const batchNormalized: ModelConfig = { ...tinyFcn, normalization: 'batch' };

  it('is never fused, because each worker normalizes by its own slices', async () => {
    const strategy = await openStrategy({ workers: 3, shards: 'fused', mixesSamples: true });
    expect(strategy.batches).toEqual([[0], [1], [2]]);
  });

  it('keeps the mean of the workers’ statistics', async () => {
    const run = (strategy: ReturnType<typeof localExact>) =>
      trainTiny({ model: batchNormalized, strategy, batchPerWorker: 4, rate: 1e-9 });
    const [exact, again] = [await run(localExact(2)), await run(localExact(2))];
    expect(exact.weights).toEqual(again.weights);
    expect(exact.outcome.state).toBe('finished');
  });
});

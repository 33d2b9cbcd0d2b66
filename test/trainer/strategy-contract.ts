import { describe, expect, it } from 'vitest';
import type { DistributionStrategy } from '../../src/trainer/strategy/strategy.ts';

/**
 * What every strategy keeps. `open` gives the strategies of all processes of one training of k workers (one for
 * `local`); their collective calls are made together, as k processes make them.
 */
export function strategyContract(name: string, open: (workers: number) => Promise<DistributionStrategy[]>): void {
  describe(`${name} keeps the strategy contract`, () => {
    it.each([1, 2, 3, 5, 8, 18])('plays every rank exactly once with %i workers', async (workers) => {
      await using(workers, async (all) => {
        const ranks = all.flatMap(({ batches }) => batches.flat()).sort((a, b) => a - b);
        expect(ranks).toEqual(Array.from({ length: workers }, (_, rank) => rank));
        expect(all.map(({ process }) => process)).toEqual(all.map((_, index) => index));
        expect(new Set(all.map(({ processes }) => processes))).toEqual(new Set([all.length]));
      });
    });

    it.each([1, 2, 3, 5, 8])('gives every process the mean gradient of %i workers', async (workers) => {
      await using(workers, async (all) => {
        const length = 1000;
        // A batch's gradient is the mean of its ranks'.
        const gradientOf = (ranks: readonly number[], index: number) =>
          ranks.reduce((sum, rank) => sum + Math.sin(rank * 31 + index), 0) / ranks.length;
        const everyone = Array.from({ length: workers }, (_, rank) => rank);
        const means = await Promise.all(
          all.map(({ batches, averageGradients }) =>
            averageGradients(batches.map((ranks) => Float32Array.from({ length }, (_, i) => gradientOf(ranks, i)))),
          ),
        );
        for (const mean of means) {
          expect(mean).toHaveLength(length);
          expect(mean).toEqual(means[0]);
          for (let index = 0; index < length; index += 37) {
            expect(mean[index]).toBeCloseTo(gradientOf(everyone, index), 5);
          }
        }
      });
    });

    it('gives everyone the weights of process 0', async () => {
      await using(3, async (all) => {
        const weights = all.map(({ process }) => Float32Array.of(process + 1, process + 2));
        await Promise.all(all.map((strategy, index) => strategy.broadcast(weights[index]!)));
        for (const values of weights) expect([...values]).toEqual([1, 2]);
      });
    });

    it('sums counts over processes exactly', async () => {
      await using(3, async (all) => {
        const large = 2 ** 40;
        const counts = all.map(({ process }) => Float64Array.of(large + process, 1));
        await Promise.all(all.map((strategy, index) => strategy.sum(counts[index]!)));
        const expected = all.reduce((sum, { process }) => sum + large + process, 0);
        for (const values of counts) expect([...values]).toEqual([expected, all.length]);
      });
    });

    it('averages a gradient of several buckets that is filled from its end to the same bits', async () => {
      await using(3, async (all) => {
        const length = 300_001;
        const gradientsOf = ({ batches }: DistributionStrategy) =>
          batches.map(([rank = 0]) => Float32Array.from({ length }, (_, index) => Math.sin(rank * 31 + index)));
        const whole = await Promise.all(all.map((strategy) => strategy.averageGradients(gradientsOf(strategy))));
        const filled = await Promise.all(
          all.map(async (strategy) => {
            const [gradient] = gradientsOf(strategy);
            const piecewise = strategy.averageWhileFilled?.(gradient!);
            piecewise?.finalFrom(0);
            return piecewise ? piecewise.mean() : strategy.averageGradients(gradientsOf(strategy));
          }),
        );
        for (const mean of [...whole, ...filled])
          expect(Buffer.from(mean.buffer).equals(Buffer.from(whole[0]!.buffer))).toBe(true);
      });
    });

    it('lets everyone know by the last value that one wants to stop, and that none does', async () => {
      await using(3, async (all) => {
        const ask = async (wants: (process: number) => boolean) => {
          const means = await Promise.all(
            all.map((strategy) =>
              strategy.averageGradients(
                strategy.batches.map(() => Float32Array.of(0.5, -0.5, wants(strategy.process) ? 1 : 0)),
              ),
            ),
          );
          return new Set(means.map((mean) => mean.at(-1)! > 0));
        };
        expect(await ask(() => false)).toEqual(new Set([false]));
        expect(await ask((process) => process === all.length - 1)).toEqual(new Set([true]));
      });
    });
  });

  async function using(workers: number, check: (all: DistributionStrategy[]) => Promise<void>): Promise<void> {
    const all = await open(workers);
    try {
      await check(all);
    } finally {
      await Promise.all(all.map((strategy) => strategy.close()));
    }
  }
}

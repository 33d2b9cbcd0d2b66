import type { DistributionStrategy } from './strategy.ts';
import { treeSum } from './tree-sum.ts';

const onlyProcess = {
  process: 0,
  processes: 1,
  broadcast: async () => {},
  sum: async () => {},
  stepDone() {},
  close: async () => {},
};

/** One process plays k workers as one batch of k·b slices: equal within float tolerance when no layer mixes slices. */
export function localFused(workers: number): DistributionStrategy {
  return {
    ...onlyProcess,
    name: 'local (fused)',
    workers,
    batches: [ranks(workers)],
    alone: true,
    averageGradients: async ([gradient]) => gradient!,
  };
}

/** One process computes k gradients and averages them in MPI's order: the same bits as k ranks. */
export function localExact(workers: number): DistributionStrategy {
  return {
    ...onlyProcess,
    name: 'local (exact)',
    workers,
    batches: ranks(workers).map((rank) => [rank]),
    alone: workers === 1,
    plainMean: true,
    async averageGradients(gradients) {
      const mean = treeSum(gradients);
      for (let index = 0; index < mean.length; index++) mean[index] = mean[index]! / workers;
      return mean;
    },
  };
}

function ranks(workers: number): number[] {
  return Array.from({ length: workers }, (_, rank) => rank);
}

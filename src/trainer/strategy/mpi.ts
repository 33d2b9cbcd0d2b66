import { joinMpi, type MpiProcess, type WorkersOnRanks } from './mpi-process.ts';
import type { DistributionStrategy, GradientBeingFilled } from './strategy.ts';
import { treeSum } from './tree-sum.ts';

/** Number of values sent at a time while the rest is still being computed: 1 MiB. */
const bucketLength = 262_144;

/**
 * MPI's own allreduce over one flat gradient, 1 MiB at a time. The fastest strategy, with the same bits as
 * `localExact`, also where each rank plays several workers, if their number is a power of two: the rank's own sum is
 * then a branch of the tree.
 */
export async function mpiAllreduce(job: WorkersOnRanks): Promise<DistributionStrategy> {
  const { workers, processes } = job;
  const { mpi, together, several, shared } = await joinMpi(job);
  return {
    ...shared,
    name: `MPI allreduce (${mpi.library.split(',')[0]})${several}`,
    plainMean: true,
    async averageGradients(gradients) {
      const gradient = treeSum(gradients);
      await together(() => mpi.allreduce(gradient));
      return divided(gradient, workers);
    },
    // With several workers per rank, all their gradients must be there before the sum can be sent.
    ...(workers === processes && { averageWhileFilled }),
  };

  function averageWhileFilled(gradient: Float32Array): GradientBeingFilled {
    const underway: Promise<void>[] = [];
    let left = gradient.length;
    const send = (from: number) => {
      underway.push(mpi.allreduce(gradient.subarray(from, left)));
      left = from;
    };
    return {
      // Buckets are cut by length alone, so that every rank sends the same ones.
      finalFrom(index) {
        while (left - index >= bucketLength) send(left - bucketLength);
      },
      async mean() {
        if (left > 0) send(0);
        await together(() => Promise.all(underway));
        return divided(gradient, workers);
      },
    };
  }
}

export type { MpiProcess };

/** Divides in place; a multiplication by 1/k would round differently. */
export function divided(values: Float32Array, divisor: number): Float32Array {
  for (let index = 0; index < values.length; index++) values[index] = values[index]! / divisor;
  return values;
}

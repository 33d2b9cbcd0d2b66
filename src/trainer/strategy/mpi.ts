import { joinMpi, type MpiProcess, type WorkersOnRanks } from './mpi-process.ts';
import type { DistributionStrategy, GradientBeingFilled } from './strategy.ts';
import { treeSum } from './tree-sum.ts';

/** Values that travel at once while the rest is still being computed: 1 MiB. */
const bucketLength = 262_144;

/**
 * MPI's own allreduce over one flat gradient, a megabyte at a time. The fastest, and the same bits as `localExact`, also
 * where a rank plays several workers, if their number is a power of two: the sums of its own are branches of the tree then.
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
    // Several gradients have to be there before their sum can leave.
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

/** In place; a division, not a multiplication by 1/k, which rounds differently. */
export function divided(values: Float32Array, divisor: number): Float32Array {
  for (let index = 0; index < values.length; index++) values[index] = values[index]! / divisor;
  return values;
}

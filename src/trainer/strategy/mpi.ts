import { joinMpi, type MpiProcess } from './mpi-process.ts';
import type { DistributionStrategy } from './strategy.ts';

/** Values that travel at once while the rest is still being computed: 1 MiB. */
const bucketLength = 262_144;

/** MPI's own allreduce over one flat gradient, a megabyte at a time. The fastest, and the same bits as `localExact`. */
export async function mpiAllreduce(workers: number): Promise<DistributionStrategy> {
  const { mpi, together, shared } = await joinMpi(workers);
  return {
    ...shared,
    name: `MPI allreduce (${mpi.library.split(',')[0]})`,
    plainMean: true,
    async averageGradients(gradients) {
      const gradient = onlyOne(gradients);
      await together(() => mpi.allreduce(gradient));
      return divided(gradient, workers);
    },
    averageWhileFilled(gradient) {
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
    },
  };
}

export type { MpiProcess };

/** A rank plays one worker, so there is one gradient. */
export function onlyOne([gradient]: readonly Float32Array[]): Float32Array {
  return gradient!;
}

/** In place; a division, not a multiplication by 1/k, which rounds differently. */
export function divided(values: Float32Array, divisor: number): Float32Array {
  for (let index = 0; index < values.length; index++) values[index] = values[index]! / divisor;
  return values;
}

import { divided } from './mpi.ts';
import { joinMpi, type WorkersOnRanks } from './mpi-process.ts';
import type { DistributionStrategy } from './strategy.ts';
import { treeSum } from './tree-sum.ts';

/**
 * Ring all-reduce over messages between neighbours (thesis §2.2.3; Patarasuk and Yuan 2009): each rank sends and
 * receives 2·(k−1)/k of the gradient, whatever k. The order of the sums differs from MPI's, and from chunk to chunk,
 * but is the same every time.
 */
export async function ringAllreduce(job: WorkersOnRanks): Promise<DistributionStrategy> {
  const { mpi, together, several, shared } = await joinMpi(job);
  const { rank, size } = mpi;
  const [right, left] = [(rank + 1) % size, (rank + size - 1) % size];
  let incoming = new Float32Array(0);

  async function pass(values: Float32Array): Promise<void> {
    // The first value is sent with the first chunk; the others are cut as if it were not there, so that the order of
    // their sums stays the same with or without it.
    const length = values.length - 1;
    const chunk = (index: number) => {
      const at = ((index % size) + size) % size;
      const from = at === 0 ? 0 : 1 + Math.floor((at * length) / size);
      return values.subarray(from, 1 + Math.floor(((at + 1) * length) / size));
    };
    const largest = 1 + Math.ceil(length / size);
    if (incoming.length < largest) incoming = new Float32Array(largest);
    // Scatter: after k−1 turns rank r holds the whole sum of chunk r+1.
    for (let turn = 0; turn < size - 1; turn++) {
      const target = chunk(rank - turn - 1);
      const receive = incoming.subarray(0, target.length);
      await mpi.sendReceive({ send: chunk(rank - turn), to: right, receive, from: left });
      for (let index = 0; index < target.length; index++) target[index] = target[index]! + receive[index]!;
    }
    // Gather: the sums go round once more.
    for (let turn = 0; turn < size - 1; turn++) {
      await mpi.sendReceive({ send: chunk(rank - turn + 1), to: right, receive: chunk(rank - turn), from: left });
    }
  }

  return {
    ...shared,
    name: `ring all-reduce${several}`,
    plainMean: true,
    async averageGradients(gradients) {
      const gradient = treeSum(gradients);
      await together(() => pass(gradient));
      return divided(gradient, job.workers);
    },
  };
}

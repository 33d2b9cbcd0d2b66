import { divided } from './mpi.ts';
import { joinMpi, type WorkersOnRanks } from './mpi-process.ts';
import type { DistributionStrategy } from './strategy.ts';
import { treeSum } from './tree-sum.ts';

/** Values that the server works on at a time: 1 MiB of every rank's gradient. */
const chunkLength = 262_144;

/**
 * A synchronous parameter server (thesis §4.3.5.2; Li et al. 2014): rank 0 collects every worker's gradient and hands
 * out the mean. Its link carries k times the gradient each way, which is why a ring or an allreduce scales better.
 */
export async function parameterServer(job: WorkersOnRanks): Promise<DistributionStrategy> {
  const { mpi, together, several, shared } = await joinMpi(job);
  const { rank, size } = mpi;
  const received = rank === 0 ? Array.from({ length: size - 1 }, () => new Float32Array(chunkLength)) : [];

  async function serve(chunk: Float32Array): Promise<void> {
    const others = received.map((buffer) => buffer.subarray(0, chunk.length));
    for (const [index, other] of others.entries()) await mpi.receive(other, { from: index + 1 });
    treeSum([chunk, ...others]);
    divided(chunk, job.workers);
    await Promise.all(others.map((_, index) => mpi.send(chunk, { to: index + 1 })));
  }

  async function exchange(chunk: Float32Array): Promise<void> {
    await mpi.send(chunk, { to: 0 });
    await mpi.receive(chunk, { from: 0 });
  }

  return {
    ...shared,
    name: `parameter server${several}`,
    plainMean: true,
    async averageGradients(gradients) {
      const gradient = treeSum(gradients);
      await together(async () => {
        for (let start = 0; start < gradient.length; start += chunkLength) {
          const chunk = gradient.subarray(start, start + chunkLength);
          await (rank === 0 ? serve(chunk) : exchange(chunk));
        }
      });
      return gradient;
    },
  };
}

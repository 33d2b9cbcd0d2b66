import { z } from 'zod';

/** How the workers are started. */
export const launcherConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('local'),
    /** How one process plays k workers: `fused` computes the k shards as one batch (same to float tolerance, faster); `exact` averages shard by shard, bit for bit as MPI does. */
    shards: z.enum(['fused', 'exact']).default('fused'),
  }),
]);

export type LauncherConfig = z.infer<typeof launcherConfig>;

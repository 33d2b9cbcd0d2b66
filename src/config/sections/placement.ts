import * as z from 'zod';

/** What a process may use of its host's GPUs, by CUDA_VISIBLE_DEVICES; set before it starts. */
export const placementConfig = z.strictObject({
  /** `all`: as the environment and the scheduler leave it; a command's runs on this host get different ones, and wait for them. `localRank`: one GPU to each rank of a host, in turn. A list: the same, of these alone, numbered as nvidia-smi does (all of them to a command that starts its workers itself). `none`: no GPU. A rank with one GPU sees it as device 0. */
  devices: z
    .union([
      z
        .array(z.int().min(0).max(10_000))
        .min(1)
        .max(10_000)
        .refine((list) => new Set(list).size === list.length, 'names a device twice; name each once'),
      z.enum(['all', 'localRank', 'none']),
    ])
    .default('all'),
});

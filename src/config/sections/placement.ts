import * as z from 'zod';

/** Which of its host's GPUs a process may use; set in CUDA_VISIBLE_DEVICES before it starts. */
export const placementConfig = z.strictObject({
  /** `all`: what the environment and the scheduler allow; runs of a command on this host get different GPUs, and wait for them. `localRank`: one GPU for each rank of a host, in turn. A list: the same with only these, numbered as in nvidia-smi (a command that starts its workers itself gets all of them). `none`: no GPU. A rank with one GPU sees it as device 0. */
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

import * as z from 'zod';

/** Which of its host's GPUs a process may use; CUDA_VISIBLE_DEVICES is set before the process starts. */
export const placementConfig = z.strictObject({
  /** `all`: all that the environment and the scheduler allow; runs of a command on this host get different GPUs, and wait until some are free. `localRank`: one GPU per rank, assigned to a host's ranks in turn. A list: the same with only these GPUs, numbered as in nvidia-smi (a command that starts its workers itself gets all of them). `none`: no GPU. A rank with one GPU sees it as device 0. */
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

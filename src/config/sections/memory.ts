import * as z from 'zod';

/** What a process may take of memory. Under Slurm `launcher.memory` is the node's share besides. */
export const memoryConfig = z.strictObject({
  /** Limit of the JavaScript heap of each process of the embedded trainer, MiB (node's --max-old-space-size). Left out: node's own. Tensors lie outside it on every back end but cpu. */
  heapMb: z.int().min(64).max(100_000_000).optional(),
  /** GPU memory of TensorFlow and JAX: `grow`, as it is needed, so that ranks can share a GPU (TF_FORCE_GPU_ALLOW_GROWTH), or `reserve`, nearly all of it at the start. Left out: grow for the embedded trainer; a command's own way for a command. */
  gpu: z.enum(['grow', 'reserve']).optional(),
});

import * as z from 'zod';

/** How much memory a process may take. Under Slurm, `launcher.memory` limits each node as well. */
export const memoryConfig = z.strictObject({
  /** Limit of the JavaScript heap of each process of the embedded trainer, MiB (node's --max-old-space-size). Left out: Node's own limit. Tensors lie outside it on every back end but cpu. */
  heapMb: z.int().min(64).max(100_000_000).optional(),
  /** GPU memory of TensorFlow and JAX: `grow` takes it as needed, so that ranks can share a GPU (TF_FORCE_GPU_ALLOW_GROWTH); `reserve` takes nearly all of it at the start. Left out: grow for the embedded trainer; a command does as it likes. */
  gpu: z.enum(['grow', 'reserve']).optional(),
});

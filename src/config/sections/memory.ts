import * as z from 'zod';

/** How much memory a process may use. Under Slurm, `launcher.memory` limits each node as well. */
export const memoryConfig = z.strictObject({
  /** JavaScript heap limit of each process of the embedded trainer, in MiB (node's --max-old-space-size). Left out: Node's own limit. Tensors are stored outside the heap on every back end but cpu. */
  heapMb: z.int().min(64).max(100_000_000).optional(),
  /** How TensorFlow and JAX allocate GPU memory: `grow` as needed, so that ranks can share a GPU (TF_FORCE_GPU_ALLOW_GROWTH); `reserve` nearly all of it at the start. Left out: `grow` for the embedded trainer; a command keeps its own default. */
  gpu: z.enum(['grow', 'reserve']).optional(),
});

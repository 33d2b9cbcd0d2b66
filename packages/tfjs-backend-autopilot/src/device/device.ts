import type { Heap } from './heap.ts';
import type { KernelName } from './kernel-names.ts';

/** Where kernels run: one heap, a number of threads, and C compiled for one instruction set. */
export interface Device {
  readonly kind: 'embedded' | 'native';
  /** `simd`, `relaxed`; `sse`, `avx2`, `avx512`, `avx512bf16`, `neon`. */
  readonly isa: string;
  /** Floats per vector: 4, 8 or 16. It determines the layout of packed filters. */
  readonly lanes: number;
  /** Number of threads that share the items of a kernel, including the caller. */
  readonly threads: number;
  readonly heap: Heap;
  /**
   * Runs items 0 to `items` - 1 of a kernel and returns when all are done. Arguments are numbers and addresses, in the
   * order given in the comment above the kernel in c/. Throws if a thread failed; the device stays usable.
   */
  run(kernel: KernelName, args: ArrayLike<number>, items: number, scratchFloats?: number): void;
  /** Stops the threads and releases the memory. */
  dispose(): Promise<void>;
}

/** Maximum number of arguments of a kernel. */
export const maxArguments = 32;

/** The error for a kernel's return code. */
export function kernelError(kernel: string, code: number, detail = ''): Error {
  return new Error(`autopilot back end: the kernel ${kernel} failed with code ${code}${detail && `: ${detail}`}`);
}

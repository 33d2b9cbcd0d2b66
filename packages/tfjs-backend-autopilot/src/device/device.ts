import type { Heap } from './heap.ts';
import type { KernelName } from './kernel-names.ts';

/** The place where kernels run: one heap, a number of threads, and C compiled for one instruction set. */
export interface Device {
  readonly kind: 'embedded' | 'native';
  /** `simd`, `relaxed`; `sse`, `avx2`, `avx512`, `avx512bf16`, `neon`. */
  readonly isa: string;
  /** Floats of a vector: 4, 8 or 16. Packed filters are laid out by it. */
  readonly lanes: number;
  /** Threads that share the items of a kernel, the caller included. */
  readonly threads: number;
  readonly heap: Heap;
  /**
   * Runs items 0 to `items` - 1 of a kernel and returns when all are done. Arguments are numbers and addresses, in the order of the
   * comment above the kernel in c/. Throws when a thread failed; the device stays usable.
   */
  run(kernel: KernelName, args: ArrayLike<number>, items: number, scratchFloats?: number): void;
  /** Stops the threads and gives the memory back. */
  dispose(): Promise<void>;
}

/** Most arguments of a kernel. */
export const maxArguments = 32;

/** What a kernel's return code means to the caller. */
export function kernelError(kernel: string, code: number, detail = ''): Error {
  return new Error(`autopilot back end: the kernel ${kernel} failed with code ${code}${detail && `: ${detail}`}`);
}

import { type Device, kernelError, maxArguments } from '../device/device.ts';
import { Heap } from '../device/heap.ts';
import { kernelNumbers } from '../device/kernel-names.ts';
import { loadAddon, type NativeAddon } from './native-addon.ts';

export interface NativeOptions {
  /** Number of threads, including the caller. */
  threads?: number;
  /** `auto` is the best one that the processor has; `avx512bf16` must be named. */
  isa?: 'auto' | 'sse' | 'avx2' | 'avx512' | 'avx512bf16' | 'neon';
  /** Number of times that a thread looks for work before it sleeps: 20,000 take about 0.2 ms. */
  spin?: number;
}

const isaTitles: Partial<Record<NonNullable<NativeOptions['isa']>, string>> = { avx512bf16: 'AVX512-BF16' };

/** Bytes requested from the system at a time. */
const segmentBytes = 32 << 20;

/** The native device: the same C compiled for this processor. Throws if the addon or the instruction set is missing. */
export async function openNativeDevice({
  threads = 1,
  isa = 'auto',
  spin = 20_000,
}: NativeOptions = {}): Promise<Device> {
  const addon = loadAddon();
  const opened = addon.open(isa === 'auto' ? '' : isa, threads, spin);
  if (!opened) throw new Error(`autopilot back end: this processor has no ${isaTitles[isa] ?? isa}`);
  const { handle, lanes } = opened;
  const heap = new Heap(segments(addon));
  const args = new Float64Array(opened.args, 0, maxArguments);
  const scratchAddresses = new Float64Array(opened.args, maxArguments * 8, opened.threads);
  let scratch = Array.from({ length: opened.threads }, () => heap.allocate(16));
  let scratchFloats = 0;
  const growScratch = (floats: number) => {
    for (const block of scratch) heap.release(block);
    scratch = scratch.map(() => heap.allocateOutside(floats));
    scratchAddresses.set(scratch.map((block) => block.address));
    scratchFloats = floats;
  };
  growScratch(16);
  let open = true;
  return {
    kind: 'native',
    isa: opened.isa,
    lanes,
    threads: opened.threads,
    heap,
    run(kernel, list, items, floats = 0) {
      if (items <= 0) return;
      if (floats > scratchFloats) growScratch(floats);
      args.set(list);
      const code = addon.run(handle, kernelNumbers[kernel], items);
      if (code !== 0) throw kernelError(kernel, code);
    },
    async dispose() {
      if (open) addon.close(handle);
      open = false;
    },
  };
}

/** Bump allocation in large segments; anything larger than half a segment gets its own. */
function segments(addon: NativeAddon) {
  let free = { address: 0, buffer: new ArrayBuffer(0), offset: 0 };
  return (bytes: number) => {
    if (bytes > segmentBytes / 2) return { ...addon.reserve(bytes), offset: 0 };
    if (free.offset + bytes > free.buffer.byteLength) free = { ...addon.reserve(segmentBytes), offset: 0 };
    const extent = { address: free.address + free.offset, buffer: free.buffer, offset: free.offset };
    free.offset += bytes;
    return extent;
  };
}

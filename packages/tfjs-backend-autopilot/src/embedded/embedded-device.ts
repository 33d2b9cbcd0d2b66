import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { type Device, kernelError, maxArguments } from '../device/device.ts';
import { Heap } from '../device/heap.ts';
import { type KernelName, kernelNames, kernelNumbers } from '../device/kernel-names.ts';
import { enableRelaxedSimd, hasRelaxedSimd } from './relaxed-simd.ts';
import { wasmBinaries } from './wasm-binaries.ts';
import { workerSource } from './worker-source.ts';

export interface EmbeddedOptions {
  /** Number of threads, including the caller. */
  threads?: number;
  /** `auto` is `relaxed` if the engine has it, else `simd`; `simd` gives the same bits on every processor. */
  isa?: 'auto' | 'simd' | 'relaxed';
  /** Number of times that a thread looks for work before it sleeps. */
  spin?: number;
}

interface Exports {
  work(kernel: number, args: number, next: number, items: number, scratch: number): number;
  work_alone(kernel: number, args: number, items: number, scratch: number): number;
  kernel_count(): number;
  __stack_pointer: WebAssembly.Global;
}

/** Indices of words in the control block that the threads share. */
const slots = { EPOCH: 0, OPEN: 1, KERNEL: 2, ITEMS: 3, ERROR: 4, STOP: 5, SCRATCH: 8 };
const stackBytes = 65_536;
const pageBytes = 65_536;
/** Time between checks whether a thread that is waited for is still alive. */
const lookMs = 250;
/** If the system cannot tell (no /proc), a thread that finishes nothing for this long is given up on. */
const patienceMs = 120_000;

/** A thread of the pool; `task` is the system's thread id, if known. */
interface Thread {
  worker: Worker;
  index: number;
  task: string | undefined;
}

/** The WebAssembly device: any machine, no toolchain, threads as workers that share one memory. */
export async function openEmbeddedDevice(options: EmbeddedOptions = {}): Promise<Device> {
  const { threads = 1, isa = 'auto', spin = 2000 } = options;
  const relaxedFlag = isa !== 'simd' && enableRelaxedSimd();
  if (isa === 'relaxed' && !hasRelaxedSimd()) throw new Error('autopilot back end: this engine has no relaxed SIMD');
  const relaxed = isa !== 'simd' && hasRelaxedSimd();
  const binary = Buffer.from(relaxed ? wasmBinaries.relaxed : wasmBinaries.simd, 'base64');
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 65_536, shared: true });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
  const kernels = instance.exports as unknown as Exports;
  if (kernels.kernel_count() !== kernelNames.length)
    throw new Error('autopilot back end: wasm-binaries.ts does not match c/kernel-list.h; run scripts/build-wasm.sh');

  const heap = new Heap(growing(memory));
  const busy = slots.SCRATCH + threads;
  const words = busy + threads;
  const control = reserveWords(heap, words);
  const args = reserveWords(heap, maxArguments * 2);
  const next = reserveWords(heap, 16);
  const shared = new Int32Array(memory.buffer, control, words);
  const argumentView = new Float64Array(memory.buffer, args, maxArguments);
  const nextView = new Int32Array(memory.buffer, next, 1);
  const stackTop = () => heap.allocate(stackBytes / 4).address + stackBytes - 64;
  const mainStack = stackTop();
  kernels.__stack_pointer.value = mainStack;

  const sharedData = { binary, memory, control, words, args, next, busy, spin, slots, relaxedFlag };
  const pool = threadPool({ shared, busy, spin, sharedData });
  await Promise.all(Array.from({ length: threads - 1 }, (_, i) => pool.start(i + 1, stackTop())));
  const scratch = scratchBlocks(heap, shared, threads);

  const call = (kernel: KernelName, parallel: boolean, items: number): number => {
    const number = kernelNumbers[kernel];
    try {
      const own = scratch.own();
      return parallel ? kernels.work(number, args, next, items, own) : kernels.work_alone(number, args, items, own);
    } catch (error) {
      kernels.__stack_pointer.value = mainStack;
      if (parallel) Atomics.store(nextView, 0, items);
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      return -1;
    }
  };

  const run: Device['run'] = (kernel, list, items, floats = 0) => {
    if (items <= 0) return;
    scratch.grow(floats);
    argumentView.set(list);
    if (pool.isEmpty() || items === 1) {
      const code = call(kernel, false, items);
      if (code !== 0) throw kernelError(kernel, code, code === -1 ? 'WebAssembly trap' : '');
      return;
    }
    shared[slots.KERNEL] = kernelNumbers[kernel];
    shared[slots.ITEMS] = items;
    shared[slots.ERROR] = 0;
    Atomics.store(nextView, 0, 0);
    Atomics.store(shared, slots.OPEN, 1);
    Atomics.add(shared, slots.EPOCH, 1);
    Atomics.notify(shared, slots.EPOCH);
    const own = call(kernel, true, items);
    Atomics.store(shared, slots.OPEN, 0);
    if (!pool.allLeft()) throw kernelError(kernel, -2, 'a thread was lost and is being replaced');
    const code = own || Atomics.load(shared, slots.ERROR);
    if (code !== 0) throw kernelError(kernel, code, code === -1 ? 'WebAssembly trap' : '');
  };

  return {
    kind: 'embedded',
    isa: relaxed ? 'relaxed' : 'simd',
    lanes: 4,
    threads,
    heap,
    run,
    dispose: pool.dispose,
  };
}

interface PoolOptions {
  shared: Int32Array;
  /** Index of the first of the threads' words that say whether a thread is inside a call. */
  busy: number;
  spin: number;
  /** The data that every thread gets besides its number and its stack. */
  sharedData: object;
}

/** The threads besides the caller's; a lost one is replaced. */
function threadPool({ shared, busy, spin, sharedData }: PoolOptions) {
  const pool = new Map<number, Thread>();
  const starting = new Set<Promise<void>>();
  let disposed = false;
  const start = async (index: number, stack: number): Promise<void> => {
    const thread = await startWorker({ ...sharedData, stack, thread: index }, index);
    pool.set(index, thread);
    thread.worker.once('exit', () => {
      pool.delete(index);
      Atomics.store(shared, busy + index, 0);
      if (disposed) return;
      const again = start(index, stack).catch(() => undefined);
      starting.add(again);
      void again.then(() => starting.delete(again));
    });
  };
  /** Waits until a thread has left the closed call; false if it died inside it. */
  const left = ({ worker, index, task }: Thread): boolean => {
    const word = busy + index;
    for (let rounds = 0; rounds <= spin; rounds++) if (Atomics.load(shared, word) === 0) return true;
    const patience = task === undefined ? patienceMs : Number.POSITIVE_INFINITY;
    for (let waited = 0; waited < patience; waited += lookMs) {
      if (Atomics.wait(shared, word, 1, lookMs) !== 'timed-out') return true;
      const dead = task !== undefined && !existsSync(`/proc/self/task/${task}`);
      if (dead && Atomics.load(shared, word) !== 0) break;
    }
    pool.delete(index);
    void worker.terminate();
    return false;
  };

  return {
    start,
    isEmpty: () => pool.size === 0,
    /** Waits until all threads have left the closed call; false if one died inside it. */
    allLeft: () => [...pool.values()].filter((thread) => !left(thread)).length === 0,
    async dispose() {
      disposed = true;
      await Promise.all(starting);
      const ended = [...pool.values()].map(({ worker }) => new Promise((done) => worker.once('exit', done)));
      Atomics.store(shared, slots.STOP, 1);
      Atomics.add(shared, slots.EPOCH, 1);
      Atomics.notify(shared, slots.EPOCH);
      await Promise.all(ended);
    },
  };
}

/** One block of working memory per thread, as large as the largest call so far needed. */
function scratchBlocks(heap: Heap, shared: Int32Array, threads: number) {
  let largest = 0;
  let blocks = Array.from({ length: threads }, () => heap.allocate(16));
  return {
    /** Address of the caller's block. */
    own: () => blocks[0]!.address,
    grow(floats: number): void {
      if (floats <= largest) return;
      for (const block of blocks) heap.release(block);
      blocks = blocks.map(() => heap.allocateOutside(floats));
      blocks.forEach((block, thread) => {
        shared[slots.SCRATCH + thread] = block.address;
      });
      largest = floats;
    },
  };
}

/** Resolves when the thread is waiting for work; threads never keep the process alive. */
function startWorker(workerData: object, index: number): Promise<Thread> {
  const worker = new Worker(workerSource, { eval: true, workerData, execArgv: [] });
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('autopilot back end: a thread ended before it was ready'));
    worker.once('error', reject);
    worker.once('exit', ended);
    worker.once('message', (task: string | undefined) => {
      worker.off('error', reject);
      worker.off('exit', ended);
      worker.on('error', () => undefined);
      worker.unref();
      resolve({ worker, index, task });
    });
  });
}

/** Bump allocation at the end of a shared memory. The first MiB is the module's own data and stack. */
function growing(memory: WebAssembly.Memory) {
  let top = 1 << 20;
  return (bytes: number) => {
    const address = top;
    const missing = address + bytes - memory.buffer.byteLength;
    if (missing > 0) {
      try {
        const spare = Math.min(32 << 20, 65_536 * pageBytes - memory.buffer.byteLength);
        memory.grow(Math.ceil(Math.max(missing, spare) / pageBytes));
      } catch (cause) {
        const needed = Math.ceil((address + bytes) / 2 ** 20);
        throw new Error(
          `autopilot back end: WebAssembly memory ends at 4096 MiB and ${needed} MiB are needed: use a smaller batch or the native back end`,
          { cause },
        );
      }
    }
    top += bytes;
    return { address, buffer: memory.buffer, offset: address };
  };
}

/** Reserves zeroed words for the lifetime of the device. */
function reserveWords(heap: Heap, words: number): number {
  const block = heap.allocate(words);
  block.view.fill(0);
  return block.address;
}

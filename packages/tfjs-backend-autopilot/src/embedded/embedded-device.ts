import { Worker } from 'node:worker_threads';
import { type Device, kernelError, maxArguments } from '../device/device.ts';
import { Heap } from '../device/heap.ts';
import { type KernelName, kernelNames, kernelNumbers } from '../device/kernel-names.ts';
import { enableRelaxedSimd, hasRelaxedSimd } from './relaxed-simd.ts';
import { wasmBinaries } from './wasm-binaries.ts';
import { workerSource } from './worker-source.ts';

export interface EmbeddedOptions {
  /** Threads, the caller included. */
  threads?: number;
  /** `relaxed` where the engine has it, else `simd`; `simd` gives the same bits on every processor. */
  isa?: 'auto' | 'simd' | 'relaxed';
  /** Rounds of looking for work before a thread sleeps. */
  spin?: number;
}

interface Exports {
  work(kernel: number, args: number, next: number, items: number, scratch: number): number;
  work_alone(kernel: number, args: number, items: number, scratch: number): number;
  kernel_count(): number;
  __stack_pointer: WebAssembly.Global;
}

/** Words of the control block that the threads share. */
const slots = { EPOCH: 0, DONE: 1, KERNEL: 2, ITEMS: 3, ERROR: 4, STOP: 5, SCRATCH: 8 };
const stackBytes = 65_536;
const pageBytes = 65_536;
/** A thread that finishes nothing for this long is given up. */
const patienceMs = 120_000;

/** The WebAssembly device: any machine, no toolchain, threads by workers over one shared memory. */
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
  const words = slots.SCRATCH + threads;
  const control = reserveWords(heap, words);
  const args = reserveWords(heap, maxArguments * 2);
  const next = reserveWords(heap, 16);
  const shared = new Int32Array(memory.buffer, control, words);
  const argumentView = new Float64Array(memory.buffer, args, maxArguments);
  const nextView = new Int32Array(memory.buffer, next, 1);
  const stackTop = () => heap.allocate(stackBytes / 4).address + stackBytes - 64;
  const mainStack = stackTop();
  kernels.__stack_pointer.value = mainStack;

  const workers = await Promise.all(
    Array.from({ length: threads - 1 }, (_, i) => {
      const thread = i + 1;
      const workerData = {
        binary,
        memory,
        stack: stackTop(),
        control,
        words,
        args,
        next,
        thread,
        spin,
        slots,
        relaxedFlag,
      };
      return startWorker(workerData);
    }),
  );
  let active = workers.length;
  for (const worker of workers) worker.on('exit', () => active--);

  let scratchFloats = 0;
  let scratch = Array.from({ length: threads }, () => heap.allocate(16));
  const growScratch = (floats: number) => {
    for (const block of scratch) heap.release(block);
    scratch = scratch.map(() => heap.allocate(floats));
    scratch.forEach((block, thread) => {
      shared[slots.SCRATCH + thread] = block.address;
    });
    scratchFloats = floats;
  };

  const call = (kernel: KernelName, parallel: boolean, items: number): number => {
    const number = kernelNumbers[kernel];
    try {
      const own = scratch[0]!.address;
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
    if (floats > scratchFloats) growScratch(floats);
    argumentView.set(list);
    if (active === 0 || items === 1) {
      const code = call(kernel, false, items);
      if (code !== 0) throw kernelError(kernel, code, code === -1 ? 'WebAssembly trap' : '');
      return;
    }
    shared[slots.KERNEL] = kernelNumbers[kernel];
    shared[slots.ITEMS] = items;
    shared[slots.ERROR] = 0;
    Atomics.store(nextView, 0, 0);
    Atomics.store(shared, slots.DONE, 0);
    Atomics.add(shared, slots.EPOCH, 1);
    Atomics.notify(shared, slots.EPOCH);
    const own = call(kernel, true, items);
    for (let rounds = 0; ; rounds++) {
      const done = Atomics.load(shared, slots.DONE);
      if (done >= active) break;
      if (rounds > spin && Atomics.wait(shared, slots.DONE, done, patienceMs) === 'timed-out') {
        active = 0;
        throw kernelError(kernel, -2, 'a thread was lost; the back end goes on with one thread');
      }
    }
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
    async dispose() {
      const ended = workers.map((worker) => worker.threadId === -1 || new Promise((done) => worker.once('exit', done)));
      Atomics.store(shared, slots.STOP, 1);
      Atomics.add(shared, slots.EPOCH, 1);
      Atomics.notify(shared, slots.EPOCH);
      await Promise.all(ended);
    },
  };
}

/** Resolves when the thread waits for work; a thread never keeps the process alive. */
function startWorker(workerData: object): Promise<Worker> {
  const worker = new Worker(workerSource, { eval: true, workerData, execArgv: [] });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', () => {
      worker.off('error', reject);
      worker.on('error', () => undefined);
      worker.unref();
      resolve(worker);
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

/** Words that stay for the life of the device. */
function reserveWords(heap: Heap, words: number): number {
  const block = heap.allocate(words);
  block.view.fill(0);
  return block.address;
}

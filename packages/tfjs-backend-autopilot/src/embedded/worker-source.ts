/**
 * A thread's program as text, so that a worker starts without a module loader, from source and from `dist` alike. It
 * shares the memory, waits for the next call (spinning a bounded number of times, then sleeping), takes items until
 * none is left, and reports failures. Its word at `busy` is 1 while it is inside a call: the caller closes the call
 * when no item is left and then waits only for threads inside it, never for one that died before it entered.
 */
export const workerSource = `
const { workerData: d, parentPort } = require('node:worker_threads');
if (d.relaxedFlag) require('node:v8').setFlagsFromString('--experimental-wasm-relaxed-simd');
const { exports: kernels } = new WebAssembly.Instance(new WebAssembly.Module(d.binary), { env: { memory: d.memory } });
kernels.__stack_pointer.value = d.stack;
const control = new Int32Array(d.memory.buffer, d.control, d.words);
const { EPOCH, OPEN, KERNEL, ITEMS, ERROR, STOP, SCRATCH } = d.slots;
let epoch = Atomics.load(control, EPOCH);
let task;
try {
  task = require('node:fs').readlinkSync('/proc/thread-self').split('/').pop();
} catch {}
parentPort.postMessage(task);
for (;;) {
  for (let spin = 0; Atomics.load(control, EPOCH) === epoch; ) if (++spin > d.spin) Atomics.wait(control, EPOCH, epoch);
  epoch = Atomics.load(control, EPOCH);
  if (Atomics.load(control, STOP)) break;
  const mine = d.busy + d.thread;
  Atomics.store(control, mine, 1);
  let code = 0;
  try {
    if (Atomics.load(control, OPEN)) code = kernels.work(control[KERNEL], d.args, d.next, control[ITEMS], control[SCRATCH + d.thread] >>> 0);
  } catch {
    code = -1;
    kernels.__stack_pointer.value = d.stack;
  }
  if (code !== 0) Atomics.compareExchange(control, ERROR, 0, code);
  Atomics.store(control, mine, 0);
  Atomics.notify(control, mine);
}
`;

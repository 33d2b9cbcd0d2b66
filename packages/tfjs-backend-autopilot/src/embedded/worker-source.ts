/**
 * The program of a thread, as text: a worker then starts without a module loader, from source and from `dist` alike.
 * It shares the memory, waits (spinning a bounded number of times, then asleep) for the next call, takes items until none is left,
 * and reports what failed.
 */
export const workerSource = `
const { workerData: d, parentPort } = require('node:worker_threads');
if (d.relaxedFlag) require('node:v8').setFlagsFromString('--experimental-wasm-relaxed-simd');
const { exports: kernels } = new WebAssembly.Instance(new WebAssembly.Module(d.binary), { env: { memory: d.memory } });
kernels.__stack_pointer.value = d.stack;
const control = new Int32Array(d.memory.buffer, d.control, d.words);
const { EPOCH, DONE, KERNEL, ITEMS, ERROR, STOP, SCRATCH } = d.slots;
let epoch = Atomics.load(control, EPOCH);
parentPort.postMessage('ready');
for (;;) {
  for (let spin = 0; Atomics.load(control, EPOCH) === epoch; ) if (++spin > d.spin) Atomics.wait(control, EPOCH, epoch);
  epoch = Atomics.load(control, EPOCH);
  if (Atomics.load(control, STOP)) break;
  let code = 0;
  try {
    code = kernels.work(control[KERNEL], d.args, d.next, control[ITEMS], control[SCRATCH + d.thread] >>> 0);
  } catch {
    code = -1;
    kernels.__stack_pointer.value = d.stack;
  }
  if (code !== 0) Atomics.compareExchange(control, ERROR, 0, code);
  Atomics.add(control, DONE, 1);
  Atomics.notify(control, DONE);
}
`;

// Wrong arguments are JS errors; the process survives and MPI still works.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { initialize, mpiStatus } from 'mpi-node';

const native = createRequire(import.meta.url)(`../../build/${mpiStatus().family}.node`);
assert.throws(() => native.barrierSync(), { code: 'MPI_NOT_INITIALIZED' });
assert.throws(() => native.abort(1), { code: 'MPI_NOT_INITIALIZED' });

const mpi = await initialize();
const array = new Float32Array(new ArrayBuffer(64), 0, 4);
const detached = new Float32Array(4);
structuredClone(detached.buffer, { transfer: [detached.buffer] });

const wrong = [
  () => mpi.allreduce(),
  () => mpi.allreduce(null),
  () => mpi.allreduce([1, 2]),
  () => mpi.allreduce(new BigInt64Array(2)),
  () => mpi.allreduce(new DataView(new ArrayBuffer(8))),
  () => mpi.allreduce(array, { op: 'product' }),
  () => mpi.allreduce(array, { op: 'toString' }),
  () => mpi.allreduce(array, { bucketBytes: 0 }),
  () => mpi.allreduce(array, { bucketBytes: Number.NaN }),
  () => mpi.allreduce(array, { bucketBytes: '1000' }),
  () => mpi.allreduce(new Float32Array(new ArrayBuffer(16, { maxByteLength: 64 }))),
  () => mpi.broadcast(array, { root: mpi.size }),
  () => mpi.broadcast(array, { root: -1 }),
  () => mpi.broadcast(array, { root: 0.5 }),
  () => mpi.allgather(array, new Float32Array(4 * mpi.size + 1)),
  () => mpi.allgather(array, new Float64Array(4 * mpi.size)),
  () => mpi.allgather(array.subarray(0, 2), new Float32Array(array.buffer, 4, 2 * mpi.size)),
  () => mpi.allgather(array, undefined),
  () => mpi.send(array, { to: 99 }),
  () => mpi.send(array),
  () => mpi.receive(array, { from: -1 }),
  () => mpi.receive(array, { from: 0, tag: 40_000 }),
  () => mpi.sendReceive({ send: array, to: 0, receive: 'x', from: 0 }),
];
for (const call of wrong) await assert.rejects(async () => call(), /./, call.toString());
for (const call of [() => mpi.sync.allreduce([1]), () => mpi.sync.broadcast(array, { root: 77 })]) assert.throws(call);
assert.throws(() => mpi.abort(0), /exitCode/);
for (const name of Object.keys(native).filter(
  (key) => !/^(state|rank|size|library|threadLevel|time|finalize)/.test(key),
)) {
  if (/barrier/.test(name)) continue;
  for (const bad of [
    [],
    [null],
    [{}, {}, {}],
    [array, array, array, array, array],
    [array, Symbol('x')],
    [array, 1e300],
  ]) {
    await assert.rejects(async () => native[name](...bad), /./, `${name} with ${bad.length} wrong arguments`);
  }
}
await mpi.allreduce(detached);
// 160 MB to itself: still in flight when the next line runs.
const [much, copy] = [new Float32Array(4e7), new Float32Array(4e7)];
const pending = mpi.sendReceive({ send: much, to: mpi.rank, receive: copy, from: mpi.rank });
assert.throws(() => mpi.sync.barrier(), { code: 'MPI_BUSY' });
await pending;

// A message whose length differs from the receiving array's.
await assert.rejects(
  mpi.sendReceive({ send: new Float32Array(2), to: mpi.rank, receive: new Float32Array(3), from: mpi.rank }),
  /sendReceive/,
);
await mpi.barrier();
console.log(`rank ${mpi.rank} lives`);
await mpi.finalize();

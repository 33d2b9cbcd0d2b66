// Every call, every kind of memory; a wrong number ends the job with a non-zero exit code.
import assert from 'node:assert/strict';
import { initialize } from 'mpi-node';

const mpi = await initialize({ expectedSize: Number(process.env.RANKS) });
const { rank, size } = mpi;
const sumOfRanks = (size * (size - 1)) / 2;

for (const calls of [mpi, mpi.sync]) {
  for (const type of [Float32Array, Float64Array, Int32Array]) {
    const sum = new type(300_000).fill(rank);
    await calls.allreduce(sum);
    assert.ok(sum.every((value) => value === sumOfRanks));
    const max = type.of(rank, 0 - rank);
    await calls.allreduce(max, { op: 'max' });
    assert.deepEqual([...max], [size - 1, 0]);
    const min = type.of(rank, 0 - rank);
    await calls.allreduce(min, { op: 'min' });
    assert.deepEqual([...min], [0, 1 - size]);
  }
  const weights = new Float32Array(1000).fill(rank === size - 1 ? 42 : 0);
  await calls.broadcast(weights, { root: size - 1 });
  assert.ok(weights.every((value) => value === 42));
  const everyone = new Float64Array(2 * size);
  await calls.allgather(Float64Array.of(rank, rank * rank), everyone);
  assert.deepEqual([...everyone], Array.from({ length: size }, (_, r) => [r, r * r]).flat());
  const fromLeft = new Int32Array(3);
  const [right, left] = [(rank + 1) % size, (rank + size - 1) % size];
  await calls.sendReceive({ send: new Int32Array(3).fill(rank), to: right, receive: fromLeft, from: left, tag: 5 });
  assert.deepEqual([...fromLeft], [left, left, left]);
  if (size > 1 && rank === 0) await calls.send(Float32Array.of(1, 2, 3), { to: 1 });
  if (rank === 1) {
    const received = new Float32Array(3);
    await calls.receive(received, { from: 0 });
    assert.deepEqual([...received], [1, 2, 3]);
  }
  await calls.barrier();
}

// Other kinds of memory: shared, WebAssembly, a view with an offset, empty.
const shared = new Float32Array(new SharedArrayBuffer(4000)).fill(1);
await mpi.allreduce(shared);
assert.ok(shared.every((value) => value === size));
const memory = new WebAssembly.Memory({ initial: 16, maximum: 4096 });
const inMemory = new Float32Array(memory.buffer, 64, 10_000).fill(1);
const growing = mpi.allreduce(inMemory);
memory.grow(100);
await growing;
assert.ok(new Float32Array(memory.buffer, 64, 10_000).every((value) => value === size));
const whole = new Float32Array(10).fill(1);
await mpi.allreduce(whole.subarray(3, 6));
assert.deepEqual([...whole], [1, 1, 1, size, size, size, 1, 1, 1, 1]);
await mpi.allreduce(new Float32Array(0));

// Buckets that do not divide the length.
const odd = Float32Array.from({ length: 1001 }, (_, i) => i);
await mpi.allreduce(odd, { bucketBytes: 64 });
assert.ok(odd.every((value, i) => value === i * size));

// Calls are made in order although none is awaited, and the event loop keeps running meanwhile.
let ticks = 0;
const timer = setInterval(() => ticks++, 1);
const arrays = Array.from({ length: 20 }, (_, i) => new Float32Array(500_000).fill(i));
await Promise.all(arrays.map((array) => mpi.allreduce(array)));
clearInterval(timer);
assert.ok(arrays.every((array, i) => array[0] === i * size && array.at(-1) === i * size));
assert.ok(size === 1 || ticks > 0);

console.log(`rank ${rank} of ${size} ok`);
await mpi.finalize();
await assert.rejects(mpi.barrier(), { code: 'MPI_FINALIZED' });

// Makes thousands of calls with random arguments in one process: each must end with a result or a JS error.
// usage: any-arguments.js SEED CALLS
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { initialize, mpiStatus } from 'mpi-node';

const [seed, calls] = process.argv.slice(2).map(Number);
const native = createRequire(import.meta.url)(`../../build/${mpiStatus().family}.node`);
const mpi = await initialize({ expectedSize: 1 });

const detached = new Float32Array(4);
structuredClone(detached.buffer, { transfer: [detached.buffer] });
const types = [Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array, BigInt64Array, Int16Array];
const array = fc.oneof(
  fc.record({ type: fc.constantFrom(...types), length: fc.nat(64) }).map(({ type, length }) => new type(length)),
  fc.nat(16).map((length) => new Float32Array(new SharedArrayBuffer(4 * length))),
  fc.nat(16).map((offset) => new Uint8Array(new ArrayBuffer(32)).subarray(offset, offset + 7)),
  fc.constantFrom(
    detached,
    new DataView(new ArrayBuffer(8)),
    new Float32Array(new ArrayBuffer(8, { maxByteLength: 64 })),
  ),
);
const throwing = new Proxy({}, { get: () => assert.fail('a getter throws') });
// A message to a missing peer would wait forever, so the only rank among these numbers is this one.
const number = fc.constantFrom(0, -1, 1, 2, 0.5, 64, 1e300, -0, 2 ** 31, 2 ** 53, Number.NaN, Number.NEGATIVE_INFINITY);
const anything = fc.oneof(
  array,
  number,
  fc.anything(),
  fc.constantFrom(throwing, Symbol('x'), () => 0, 5n, null),
);

const names = ['allreduce', 'broadcast', 'allgather', 'barrier'];
const receiving = ['send', 'receive', 'sendReceive'];
let [made, refused] = [0, 0];
async function survives(call) {
  made += 1;
  try {
    await call();
  } catch (thrown) {
    refused += 1;
    assert.ok(thrown instanceof Error, `threw ${String(thrown)}`);
  }
}

await fc.assert(
  fc.asyncProperty(fc.constantFrom(...names), fc.array(anything, { maxLength: 5 }), async (name, values) => {
    await survives(async () => mpi[name](...values));
    await survives(async () => mpi.sync[name](...values));
    await survives(async () => native[name](...values));
    await survives(async () => native[`${name}Sync`](...values));
  }),
  { seed, numRuns: calls },
);
// These talk to a peer. A valid one would be waited for, so the peer is always wrong here.
await fc.assert(
  fc.asyncProperty(
    fc.constantFrom(...receiving),
    fc.oneof(array, anything),
    fc.constantFrom(-1, 1, 99, 0.5, Number.NaN, 'x', null, undefined, {}, 2 ** 40),
    fc.oneof(array, anything),
    async (name, first, peer, second) => {
      const options = { send: first, to: peer, receive: second, from: peer, tag: 0 };
      await survives(async () => (name === 'sendReceive' ? mpi[name](options) : mpi[name](first, options)));
      await survives(async () => native[name](first, peer, second, peer, 0));
      await survives(async () => native[`${name}Sync`](first, peer, second, peer, 0));
    },
  ),
  { seed, numRuns: calls },
);

// MPI still works.
const sum = Float32Array.of(1, 2, 3);
await mpi.allreduce(sum);
assert.deepEqual([...sum], [1, 2, 3]);
await mpi.finalize();
console.log(JSON.stringify({ made, refused }));

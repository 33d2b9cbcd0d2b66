// A program of ranks: how long allreduce takes. Rank 0 prints one JSON line per size: the median over repetitions, of
// the slowest rank, for each of WINDOW messages; promises have all of them in flight.
// usage: allreduce-times.js promise|sync BUCKET_BYTES WINDOW BYTES:REPETITIONS…
import { initialize } from 'mpi-node';

const [way, bucket, inFlight, ...sizes] = process.argv.slice(2);
const [bucketBytes, window] = [Number(bucket), Number(inFlight)];
const mpi = await initialize();
for (const size of sizes) {
  const [bytes, repetitions] = size.split(':').map(Number);
  const values = new Float32Array(bytes / 4);
  const seconds = [];
  for (let turn = -2; turn < repetitions; turn++) {
    values.fill(1);
    mpi.sync.barrier();
    const start = mpi.seconds();
    if (way === 'sync') for (let message = 0; message < window; message++) mpi.sync.allreduce(values, { bucketBytes });
    else await Promise.all(Array.from({ length: window }, () => mpi.allreduce(values, { bucketBytes })));
    if (turn >= 0) seconds.push((mpi.seconds() - start) / window);
    const sum = mpi.size ** window;
    if (values[0] !== sum || values.at(-1) !== sum) throw new Error('wrong sum');
  }
  seconds.sort((a, b) => a - b);
  const slowest = Float64Array.of(seconds[repetitions >> 1]);
  await mpi.allreduce(slowest, { op: 'max' });
  if (mpi.rank === 0) console.log(JSON.stringify({ bytes, microseconds: slowest[0] * 1e6 }));
}
await mpi.finalize();

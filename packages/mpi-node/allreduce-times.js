// Measures allreduce; to be run on several ranks. Rank 0 prints one JSON line per size: the slowest rank's median over
// the repetitions of the time per message, of WINDOW messages; with promises all of them are in flight at once.
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

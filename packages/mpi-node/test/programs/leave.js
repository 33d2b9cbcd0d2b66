// Rank 1 leaves in the way that HOW names while the others are inside an allreduce of large arrays.
import { writeSync } from 'node:fs';
import { isMainThread, Worker } from 'node:worker_threads';
import { initialize } from 'mpi-node';

const mpi = await initialize();
if (process.env.HOW === 'terminate' && mpi.rank === 1 && isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  setTimeout(() => worker.terminate(), 500);
  await new Promise((done) => worker.on('exit', done));
}
const array = new Float32Array(4_000_000);
if (process.env.HOW === 'abort') {
  process.on('uncaughtException', (error) => {
    writeSync(2, `${error.stack}\n`);
    mpi.abort(70);
  });
}
for (let step = 0; ; step++) {
  const reduced = mpi.allreduce(array);
  if (mpi.rank === 1 && step === 20 && process.env.HOW !== 'terminate') {
    if (process.env.HOW === 'kill') process.kill(process.pid, 'SIGKILL');
    if (process.env.HOW === 'exit') process.exit(3);
    throw new Error('boom');
  }
  await reduced;
}

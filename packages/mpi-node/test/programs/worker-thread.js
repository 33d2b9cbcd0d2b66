// A worker_thread uses the job that the main thread started, and does no harm when it ends.
import assert from 'node:assert/strict';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { initialize } from 'mpi-node';

const mpi = await initialize();
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  const sum = await new Promise((done, fail) => {
    worker.on('message', done);
    worker.on('error', fail);
  });
  assert.equal(sum, mpi.size);
  await worker.terminate();
  await mpi.barrier();
  console.log(`rank ${mpi.rank} ok`);
  await mpi.finalize();
} else {
  const array = new Float32Array(10).fill(1);
  await mpi.allreduce(array);
  parentPort.postMessage(array[0]);
}

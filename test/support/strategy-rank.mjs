// One rank of a strategy under test: does what the test asks over a socket and answers with the resulting arrays.
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const {
  WORKERS = '1',
  PROCESSES = WORKERS,
  STRATEGY = 'allreduce',
  CONTROL_PORT = '0',
  OPEN_STRATEGY = '',
} = process.env;
/** @type {typeof import('../../src/trainer/strategy/open-strategy.ts')} */
const { openStrategy } = await import(OPEN_STRATEGY);
const strategy = await openStrategy({
  workers: Number(WORKERS),
  shards: 'exact',
  mixesSamples: false,
  strategy: STRATEGY,
  processes: Number(PROCESSES),
});
const socket = connect(Number(CONTROL_PORT), '127.0.0.1');
const answer = (value) => socket.write(`${JSON.stringify(value ?? null)}\n`);
const { name, process: rank, processes, workers, batches, alone } = strategy;
answer({ name, process: rank, processes, workers, batches, alone, fills: strategy.averageWhileFilled !== undefined });

/** Fills the gradient in seven pieces from its end, as a backward pass does. */
function averagePiecewise(values) {
  const gradient = new Float32Array(values.length);
  const { finalFrom, mean } = strategy.averageWhileFilled(gradient);
  for (let piece = 6; piece >= 0; piece--) {
    const from = Math.floor((piece * values.length) / 7);
    gradient.set(values.subarray(from, Math.floor(((piece + 1) * values.length) / 7)), from);
    finalFrom(from);
  }
  return mean();
}

for await (const line of createInterface({ input: socket })) {
  const { call, values, gradients } = JSON.parse(line);
  if (call === 'broadcast') {
    const array = Float32Array.from(values);
    await strategy.broadcast(array);
    answer([...array]);
  } else if (call === 'sum') {
    const array = Float64Array.from(values);
    await strategy.sum(array);
    answer([...array]);
  } else if (call === 'averageGradients') {
    answer([...(await strategy.averageGradients(gradients.map((each) => Float32Array.from(each))))]);
  } else if (call === 'averageWhileFilled') answer([...(await averagePiecewise(Float32Array.from(values)))]);
  else {
    await strategy.close();
    answer(null);
    socket.end();
  }
}

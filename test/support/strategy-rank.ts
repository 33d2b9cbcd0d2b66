// One rank of a strategy under test: does what the test asks over a socket, and answers with the arrays.
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { openStrategy } from '../../src/trainer/strategy/open-strategy.ts';

const { WORKERS = '1', STRATEGY = 'allreduce', CONTROL_PORT = '0' } = process.env;
const strategy = await openStrategy({
  workers: Number(WORKERS),
  shards: 'exact',
  mixesSamples: false,
  strategy: STRATEGY,
  ranks: true,
});
const socket = connect(Number(CONTROL_PORT), '127.0.0.1');
const answer = (value: unknown) => socket.write(`${JSON.stringify(value ?? null)}\n`);
const { name, process: rank, processes, workers, batches, alone } = strategy;
answer({ name, process: rank, processes, workers, batches, alone });

for await (const line of createInterface({ input: socket })) {
  const { call, values, wanted } = JSON.parse(line) as { call: string; values: number[]; wanted: boolean };
  if (call === 'broadcast') {
    const array = Float32Array.from(values);
    await strategy.broadcast(array);
    answer([...array]);
  } else if (call === 'sum') {
    const array = Float64Array.from(values);
    await strategy.sum(array);
    answer([...array]);
  } else if (call === 'averageGradients') answer([...(await strategy.averageGradients([Float32Array.from(values)]))]);
  else if (call === 'agreeToStop') answer(await strategy.agreeToStop(wanted));
  else {
    await strategy.close();
    answer(null);
    socket.end();
  }
}

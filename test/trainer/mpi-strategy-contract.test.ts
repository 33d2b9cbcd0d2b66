import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, describe } from 'vitest';
import { mpiStatus } from '#mpi-node';
import { reproducibleReduction } from '../../src/launcher/mpi/command.ts';
import type { DistributionStrategy } from '../../src/trainer/strategy/strategy.ts';
import { loader, productFile } from '../support/program.ts';
import { present } from '../support/required.ts';
import { strategyContract } from './strategy-contract.ts';

const program = fileURLToPath(new URL('../support/strategy-rank.mjs', import.meta.url));
const hasMpi = present('mpi', mpiStatus().available && spawnSync('mpirun', ['--version']).status === 0, 'no MPI');

/** Starts real ranks, as many as workers or one for so many of them, and gives each as a strategy whose calls go to it over a socket. */
async function openRanks(strategy: string, workers: number, each = 1): Promise<DistributionStrategy[]> {
  const processes = workers / each;
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const flags = ['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none', '--mca', 'mpi_yield_when_idle', '1'];
  const command = [process.execPath, ...loader, program];
  const mpirun = spawn('mpirun', [...flags, '-n', String(processes), ...command], {
    env: {
      ...process.env,
      ...reproducibleReduction,
      WORKERS: String(workers),
      PROCESSES: String(processes),
      STRATEGY: strategy,
      CONTROL_PORT: String(port),
      OPEN_STRATEGY: productFile('trainer/strategy/open-strategy'),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(mpirun, 'exit');
  const ranks: Promise<DistributionStrategy>[] = [];
  await new Promise<void>((resolve) => {
    server.on('connection', (socket) => {
      ranks.push(rankBehind(socket, ended));
      if (ranks.length === processes) resolve();
    });
  });
  server.close();
  return (await Promise.all(ranks)).sort((a, b) => a.process - b.process);
}

async function rankBehind(socket: Socket, ended: Promise<unknown[]>): Promise<DistributionStrategy> {
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? 'null');
  const { fills, ...facts } = await next();
  const ask = (request: object) => {
    socket.write(`${JSON.stringify(request)}\n`);
    return next();
  };
  return {
    ...facts,
    async broadcast(values) {
      values.set(await ask({ call: 'broadcast', values: [...values] }));
    },
    async sum(values) {
      values.set(await ask({ call: 'sum', values: [...values] }));
    },
    stepDone() {},
    async averageGradients(gradients) {
      return Float32Array.from(await ask({ call: 'averageGradients', gradients: gradients.map((each) => [...each]) }));
    },
    ...(fills && {
      averageWhileFilled: (gradient: Float32Array) => ({
        finalFrom() {},
        mean: async () => Float32Array.from(await ask({ call: 'averageWhileFilled', values: [...gradient] })),
      }),
    }),
    async close() {
      await ask({ call: 'close' });
      const [code] = await ended;
      if (code !== 0) throw new Error(`mpirun ended with ${code}`);
    },
  };
}

/** Ranks as `open` starts them, once for all tests with so many workers; they close after the last. */
function keptOpen(
  open: (workers: number) => Promise<DistributionStrategy[]>,
): (workers: number) => Promise<DistributionStrategy[]> {
  const all = new Map<number, Promise<DistributionStrategy[]>>();
  afterAll(async () => {
    for (const ranks of all.values()) await Promise.all((await ranks).map((rank) => rank.close()));
  });
  return async (workers) => {
    const ranks = all.get(workers) ?? open(workers);
    all.set(workers, ranks);
    return (await ranks).map((rank) => ({ ...rank, async close() {} }));
  };
}

describe.skipIf(!hasMpi)('on real ranks', { timeout: 120_000 }, () => {
  describe.each(['allreduce', 'ring', 'parameterServer'])('one worker a rank', (strategy) => {
    strategyContract(
      strategy,
      keptOpen((workers) => openRanks(strategy, workers)),
    );
  });
  describe('two workers a rank where they are even', () => {
    strategyContract(
      'ring',
      keptOpen((workers) => openRanks('ring', workers, workers % 2 === 0 ? 2 : 1)),
    );
  });
});

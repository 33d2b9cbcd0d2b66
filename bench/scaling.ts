// How well training scales: measured on this machine's cores, predicted beyond them by the α-β model of
// src/report/scaling/advice.ts with α and β fitted to allreduces measured here. Thesis, 18 GPUs: U-Net 97 %, FCN 58 %.
// Every worker has one thread. Workers on one machine also compete for its cores and memory, which no network explains;
// as many independent trainings side by side measure that loss.
// usage: npm run bench -- scaling [most ranks] [rounds]
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { launcherConfig, type MpiLauncherConfig } from '../src/config/sections/launcher.ts';
import { mpiLauncher } from '../src/launcher/mpi/launcher.ts';
import { commonNetworks, fitNetwork, scalingAdvice } from '../src/report/scaling/advice.ts';
import { prepareTraining, trainingEvents } from './scaling/prepare-training.ts';
import { countsFrom } from './support/counts.ts';
import { median } from './support/median.ts';
import { writeResults } from './support/write-results.ts';

const { mostRanks, rounds } = countsFrom({ mostRanks: cpus().length, rounds: 5 });
// A launched job does not keep this process alive.
const awake = setInterval(() => {}, 60_000);

const models = {
  fcn: { architecture: 'fcn', channels: 16, normalization: 'group', groups: 4 },
  unet: { architecture: 'unet', channels: 8, depth: 3, normalization: 'group', groups: 4, dropout: 0 },
};
const batchPerWorker = 4;

/** Seconds per step of a training on `workers` ranks, the first epoch left out, and the network's parameters. */
async function measure(
  model: Record<string, unknown>,
  workers: number,
): Promise<{ seconds: number; parameters: number }> {
  const job = prepareTraining({ model, workers, batchPerWorker, slices: 96 * workers });
  const launched = await mpiLauncher(launcherConfig.parse({ kind: 'mpi' }) as MpiLauncherConfig).start(job);
  const exit = await launched.exited;
  const events = trainingEvents(job.runDirectory);
  const epochs = events.filter(({ type }) => type === 'epoch').slice(1);
  const parameters = events.find(({ type }) => type === 'started')?.environment?.parameters;
  if (epochs.length === 0 || parameters === undefined) throw new Error(`${workers} ranks: ${JSON.stringify(exit)}`);
  const fastest = Math.min(...epochs.map(({ seconds = Number.NaN }) => seconds));
  return { seconds: fastest / (96 / batchPerWorker), parameters };
}

/** Seconds per step of the slowest of several independent single-worker trainings at once: the cost of sharing. */
async function measureSideBySide(model: Record<string, unknown>, trainings: number): Promise<number> {
  const all = await Promise.all(Array.from({ length: trainings }, () => measure(model, 1)));
  return Math.max(...all.map(({ seconds }) => seconds));
}

/** Measures one worker, k independent trainings and k ranks in turn: medians of the factors of their efficiency. */
async function measureScaling(model: Record<string, unknown>, workers: number) {
  const turns: { one: number; apart: number; together: number; parameters: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const { seconds: one, parameters } = await measure(model, 1);
    const apart = await measureSideBySide(model, workers);
    const { seconds: together } = await measure(model, workers);
    turns.push({ one, apart, together, parameters });
  }
  const of = (value: (turn: (typeof turns)[number]) => number) => median(turns.map(value));
  return {
    parameters: turns[0]!.parameters,
    oneSeconds: of(({ one }) => one),
    stepSeconds: of(({ together }) => together),
    /** `contention` · `exchange`. */
    efficiency: of(({ one, together }) => one / together),
    /** Efficiency left after sharing the machine. */
    contention: of(({ one, apart }) => one / apart),
    /** Share of that left after exchanging gradients and waiting for each other. */
    exchange: of(({ apart, together }) => apart / together),
  };
}

function measureNetwork(ranks: number) {
  const flags = ['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none', '--mca', 'mpi_yield_when_idle', '1'];
  const sizes = ['4:2000', '65536:500', '1048576:100', '31200000:9'];
  const command = [
    process.execPath,
    fileURLToPath(import.meta.resolve('#mpi-node/allreduce-times.js')),
    'promise',
    '1048576',
    '1',
    ...sizes,
  ];
  const { stdout } = spawnSync('mpirun', [...flags, '-n', String(ranks), ...command], { encoding: 'utf8' });
  const measured = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { bytes: number; microseconds: number })
    .map(({ bytes, microseconds }) => ({ bytes, seconds: microseconds / 1e6 }));
  return { measured, network: fitNetwork(ranks, measured) };
}

const { measured: allreduces, network } = measureNetwork(2);
const results = [];
for (const [name, model] of Object.entries(models)) {
  const measured = [];
  let cost = { computeSeconds: Number.NaN, gradientBytes: 0 };
  for (let workers = 2; workers <= mostRanks; workers *= 2) {
    const { parameters, oneSeconds, ...row } = await measureScaling(model, workers);
    cost = { computeSeconds: oneSeconds, gradientBytes: 4 * parameters };
    /** The α-β model's prediction of `exchange`. */
    const predicted = scalingAdvice({ workers, cost, network }).efficiency;
    measured.push({ workers, ...row, predicted });
  }
  const networks = { 'this machine': network, ...commonNetworks };
  const predicted = Object.entries(networks).flatMap(([on, net]) =>
    [18, 64, 1024].map((workers) => ({ on, ...scalingAdvice({ workers, cost, network: net }) })),
  );
  results.push({ model: name, ...cost, measured, predicted });
  console.log(`${name}: ${cost.gradientBytes / 4} parameters, ${(cost.computeSeconds * 1e3).toFixed(2)} ms a step`);
  console.table(measured);
  console.table(predicted.map(({ on, workers, efficiency, speedup }) => ({ on, workers, efficiency, speedup })));
}
const report = { cpu: cpus()[0]?.model, cores: cpus().length, batchPerWorker, rounds, network, allreduces, results };
writeResults('scaling', report);
clearInterval(awake);

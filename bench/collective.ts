// Allreduce from JavaScript compared with C on the same MPI and, if installed, with PyTorch's gloo, 4 bytes to 124 MB.
// Rounds are interleaved and only ratios within a round are compared, so that other load on the machine affects all
// alike.
// usage: npm run bench -- collective [ranks] [rounds]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countsFrom } from './support/counts.ts';
import { median } from './support/median.ts';
import { Refusal } from './support/refusal.ts';
import { slugOf } from './support/slug-of.ts';

const { ranks, rounds } = countsFrom({ ranks: 2, rounds: 3 });
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const sizes = [
  '4:2000',
  '65536:500',
  '470000:200',
  '524288:200',
  '1048576:150',
  '2097152:100',
  '4194304:60',
  '31200000:11',
  '124000000:5',
];
const bucket = '1048576';

const yardstick = join(mkdtempSync(join(tmpdir(), 'collective-')), 'allreduce');
const compiled = spawnSync('mpicc', ['-O3', here('collective/allreduce.c'), '-o', yardstick], { stdio: 'inherit' });
if (compiled.status !== 0) throw new Refusal('mpicc is needed (Debian: apt-get install openmpi-bin libopenmpi-dev)');

const program = fileURLToPath(import.meta.resolve('#mpi-node/allreduce-times.js'));
/** Messages in flight, as a training sends the buckets of its gradient. */
const window = '8';
const node = (way: string, messages = '1') => [process.execPath, program, way, bucket, messages];
const ways: Record<string, string[]> = {
  c: [yardstick, bucket, '1'],
  javascriptSync: node('sync'),
  javascriptPromise: node('promise'),
  cInFlight: [yardstick, bucket, window],
  javascriptInFlight: node('promise', window),
  cWhole: [yardstick, '0', '1'],
};
const python = ['/usr/bin/python3', 'python3'].find(
  (name) => spawnSync(name, ['-c', 'import torch.distributed']).status === 0,
);
if (python) ways.gloo = [python, here('collective/allreduce_gloo.py')];

/** way → bytes → microseconds, one entry per round. */
const measured: Record<string, Record<number, number[]>> = {};
for (let round = 0; round < rounds; round++) {
  for (const [way, command] of Object.entries(ways)) {
    const env = {
      ...process.env,
      MASTER_ADDR: '127.0.0.1',
      MASTER_PORT: String(29_400 + round),
      GLOO_SOCKET_IFNAME: 'lo',
    };
    const flags = ['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none', '--mca', 'mpi_yield_when_idle', '1'];
    const run = spawnSync('mpirun', [...flags, '-n', String(ranks), ...command, ...sizes], { encoding: 'utf8', env });
    if (run.status !== 0) throw new Error(`${way} failed: ${run.stderr}`);
    measured[way] ??= {};
    for (const line of run.stdout.trim().split('\n')) {
      const { bytes, microseconds } = JSON.parse(line) as { bytes: number; microseconds: number };
      measured[way][bytes] = [...(measured[way][bytes] ?? []), microseconds];
    }
  }
}

const table = sizes.map((size) => {
  const bytes = Number(size.split(':')[0]);
  const of = (way: string) => measured[way]?.[bytes] ?? [];
  const ratio = (way: string, to: string) => {
    const ratios = of(way).map((value, round) => (of(to)[round] ?? Number.NaN) / value);
    return ratios.length === 0 ? null : Math.round(median(ratios) * 1000) / 1000;
  };
  return {
    bytes,
    microseconds: Object.fromEntries(Object.keys(ways).map((way) => [way, Math.round(median(of(way)) * 100) / 100])),
    /** Bandwidth relative to the equally bucketed C program and to gloo; above 1 is faster. */
    syncToC: ratio('javascriptSync', 'c'),
    promiseToC: ratio('javascriptPromise', 'c'),
    /** Eight promises in flight relative to eight successive calls from C: bandwidth without the round-trip time. */
    inFlightToC: ratio('javascriptInFlight', 'cInFlight'),
    promiseToGloo: ratio('javascriptPromise', 'gloo'),
  };
});
console.table(table.map(({ microseconds, ...rest }) => ({ ...rest, ...microseconds })));
mkdirSync(here('results'), { recursive: true });
const report = { ranks, rounds, cpu: cpus()[0]?.model, cores: cpus().length, bucketBytes: Number(bucket), table };
writeFileSync(
  here(`results/collective-${ranks}-${slugOf(cpus()[0]?.model ?? 'unknown')}.json`),
  `${JSON.stringify(report, null, 2)}\n`,
);

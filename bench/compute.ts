import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Network, networks, type StepReport, type StepRequest } from './compute/networks.ts';
import { countOf } from './support/counts.ts';
import { slugOf } from './support/slug-of.ts';

/*
 * Training steps of four U-Nets compared with PyTorch:
 * `npm run bench -- compute [--quick] [--gpu] [--minutes N] [--profile]`. Every variant runs in its own process, in
 * turn, for several rounds, so that drift of the machine affects all alike. Ratios are to the fastest PyTorch variant
 * of the same case. With one thread, processes are pinned and compared by processor time, which other work on the
 * machine hardly changes; with more, by wall-clock time. `--gpu`: WebGPU compared with PyTorch on CUDA, and the native
 * back end on all cores, by wall-clock time. Pythons with PyTorch: AUTOPILOT_BENCH_PYTHON (separated by colons) or
 * python3. Results: one file per processor or GPU.
 */
const here = path.dirname(fileURLToPath(import.meta.url));
const {
  values: { quick, gpu, minutes, profile: profiling },
} = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    gpu: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '11' },
  },
});
const [rounds, warmupMs, measureMs] = quick ? [3, 1000, 500] : [2, 1000, 500];
/** No case starts after this time (`--minutes 15`); cases left out keep their rows in the results file. */
const deadline = performance.now() + countOf('--minutes', minutes) * 60_000;

const pythons = (process.env.AUTOPILOT_BENCH_PYTHON ?? 'python3').split(':').filter((python) => {
  const wanted = gpu ? 'import torch; torch.cuda.get_device_name()' : 'import torch';
  const found = spawnSync(python, ['-c', wanted], { stdio: 'ignore' }).status === 0;
  if (!found) console.log(`${python} has no torch${gpu ? ' with CUDA' : ''}: left out`);
  return found;
});
function torchVersion(python: string): string {
  const version = execFileSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' });
  return version.trim().split('.').slice(0, 2).join('.');
}
const canPin = spawnSync('taskset', ['-c', '0', 'true'], { stdio: 'ignore' }).status === 0;

interface Variant {
  name: string;
  run(request: StepRequest): StepReport;
}

function child(command: string, args: string[], request: StepRequest): StepReport {
  const pinned = request.threads === 1 && canPin && !gpu;
  const list = [...args, JSON.stringify(request)];
  const output = pinned
    ? execFileSync('taskset', ['-c', '1', command, ...list], { encoding: 'utf8', cwd: path.dirname(here) })
    : execFileSync(command, list, { encoding: 'utf8', cwd: path.dirname(here) });
  return JSON.parse(output.trim().split('\n').at(-1)!) as StepReport;
}

/** What bf16 needs: without it, PyTorch's bf16 is many times slower than its float32, and ours is refused. */
const knowsBf16 = existsSync('/proc/cpuinfo') && /\bavx512_bf16\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
const bf16 = (...names: string[]) => (knowsBf16 ? names : []);

/** Replayed, as the trainer computes small networks, and not; with fused functions and with ordinary tf.layers. */
const onCpu = [
  ...['native replayed', 'embedded replayed', 'native layers replayed'],
  ...['native', 'embedded', 'native layers', 'embedded layers replayed', 'embedded layers'],
  ...bf16('native bf16 replayed'),
];
const onGpu = ['webgpu', 'webgpu layers', 'native'];
/** Fewer variants for the many cases: as the trainer computes, and as an ordinary program does. */
const onCpuInAllCases = [
  ...['native replayed', 'embedded replayed', 'native layers replayed', 'native layers'],
  ...bf16('native bf16 replayed'),
];
const own = (gpu ? onGpu : quick ? onCpu : onCpuInAllCases).map(
  (name): Variant => ({
    name,
    run: (request) =>
      child(process.execPath, ['--import', 'tsx', path.join(here, 'compute/training-steps.ts')], {
        ...request,
        variant: name,
      }),
  }),
);
/** Every variant in which PyTorch may be fast; its compiler came with version 2. */
function torchWays(version: string): string[] {
  if (gpu) return ['torch cuda', 'torch cuda channels_last'];
  const ways = ['torch', ...bf16('torch bf16')];
  const compiled = version.startsWith('1.') ? [] : ways.map((way) => `${way} compile`);
  return [...ways, ...compiled].flatMap((way) => [way, `${way} channels_last`]);
}
const torch = pythons.flatMap((python) => {
  const version = torchVersion(python);
  return torchWays(version).map(
    (variant): Variant => ({
      name: `${variant} ${version}`,
      run: (request) => child(python, [path.join(here, 'compute/training_steps.py')], { ...request, variant }),
    }),
  );
});

function cases(): { network: Network; batch: number; threads: number }[] {
  if (gpu)
    return networks.flatMap((network) =>
      [1, 16].map((batch) => ({ network, batch, threads: os.availableParallelism() })),
    );
  if (quick)
    return networks.flatMap((network) => {
      const batch = network.name === '31M' ? 1 : 4;
      return [{ network, batch, threads: 1 }];
    });
  const all = networks.flatMap((network) =>
    [1, 4, 16].flatMap((batch) => [1, 2].map((threads) => ({ network, batch, threads }))),
  );
  const cost = ({ network: { width, side }, batch }: (typeof all)[number]) => batch * (width * side) ** 2;
  return all.sort((a, b) => cost(a) - cost(b));
}

/** Median, and the smallest and largest as spread. */
function summary(values: number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number) => Number(sorted[Math.round(q * (sorted.length - 1))]!.toPrecision(4));
  return { median: at(0.5), range: [at(0), at(1)] };
}

interface Row {
  network: string;
  parameters: number;
  batch: number;
  threads: number;
  variant: string;
  ms: ReturnType<typeof summary>;
  ratio: ReturnType<typeof summary> | undefined;
  memoryMiB: number;
}

if (profiling) {
  for (const { network, batch, threads } of cases().filter((one) => one.threads === 1 && one.batch < 16))
    for (const { name, run } of own) {
      const { cpuMs, profile } = run({ ...network, batch, threads, variant: name, warmupMs, measureMs, profile: true });
      console.log(`${network.name} batch ${batch} ${name}: ${cpuMs.toFixed(2)} ms`);
      for (const { kernel, calls, ms } of profile ?? [])
        console.log(`  ${kernel.padEnd(26)} ${calls.toFixed(0).padStart(4)} calls ${ms.toFixed(3).padStart(9)} ms`);
    }
  process.exit(0);
}

const versions = new Set<string>();
for (const { network, batch, threads } of cases()) {
  if (performance.now() > deadline) {
    console.log(`${network.name} batch ${batch} threads ${threads}: left out: no time left`);
    continue;
  }
  const samples = new Map<string, { time: number[]; memory: number[] }>();
  let parameters = 0;
  for (let round = 0; round < rounds; round++)
    for (const { name, run } of [...own, ...torch]) {
      const report = run({ ...network, batch, threads, variant: name, warmupMs, measureMs });
      const wall = summary(report.wallMs).median;
      const sample = samples.get(name) ?? { time: [], memory: [] };
      sample.time.push(threads === 1 && !gpu ? report.cpuMs : wall);
      sample.memory.push(report.memoryMiB);
      samples.set(name, sample);
      versions.add(report.version);
      parameters = report.parameters;
    }
  const table = [...samples].map(([name, { time, memory }]) => ({
    name,
    time,
    ms: summary(time),
    memory: summary(memory),
  }));
  const fastest = table.filter(({ name }) => name.startsWith('torch')).sort((a, b) => a.ms.median - b.ms.median)[0];
  const rows: Row[] = [];
  for (const { name, time, ms, memory } of table) {
    const ratio = fastest && summary(time.map((value, round) => value / fastest.time[round]!));
    rows.push({
      network: network.name,
      parameters,
      batch,
      threads,
      variant: name,
      ms,
      ratio,
      memoryMiB: memory.median,
    });
    const spread = ratio ? `${ratio.median} (${ratio.range.join(' to ')})` : 'no PyTorch';
    console.log(
      `${network.name.padEnd(6)} batch ${batch} threads ${threads}  ${name.padEnd(28)} ${ms.median} ms  ${spread}  ${memory.median} MiB`,
    );
  }
  keep(rows);
}

/** Replaces the case's rows in the file, so that they are kept when a later case fails. */
function keep(rows: Row[]): void {
  const machine = {
    processor: os.cpus()[0]?.model ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
  };
  const method = {
    warmupMs,
    measureMs,
    oneThread: canPin ? 'processor time per step, pinned' : 'processor time per step',
    moreThreads: 'median wall-clock time of a step',
  };
  const gpuName = [...versions].flatMap((version) => version.match(/on (.+)$/)?.[1] ?? [])[0];
  // A virtual machine reports "AMD EPYC" for processors with and without bf16.
  const processor = `${machine.processor}${knowsBf16 ? ' bf16' : ''}`;
  const file = path.join(here, 'results', `compute-${slugOf(gpu ? (gpuName ?? 'gpu') : processor)}.json`);
  const caseOf = (row: Row) => [row.network, row.batch, row.threads].join();
  const earlier = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { rows: Row[] }).rows : [];
  const others = earlier.filter((row) => caseOf(row) !== caseOf(rows[0]!));
  const order = (row: Row) =>
    networks.findIndex(({ name }) => name === row.network) * 1000 + row.batch * 10 + row.threads;
  const all = [...others, ...rows].sort((a, b) => order(a) - order(b));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ machine, versions: [...versions], method, rows: all }, null, 2)}\n`);
}

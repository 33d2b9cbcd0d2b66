/**
 * What a training loses to an unrelated one on the same cores: steps of the smallest U-Net, alone and two at once, each
 * process with as many threads as there are cores, compared with PyTorch. Fairly shared, a step takes twice as long.
 * Run with `npm run bench -- crowded [ROUNDS]`; AUTOPILOT_BENCH_PYTHON names a Python with PyTorch. Writes
 * bench/results/crowded-PROCESSOR.json.
 */
import { execFile, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { networks, type StepReport, type StepRequest } from './compute/networks.ts';
import { countsFrom } from './support/counts.ts';
import { median } from './support/median.ts';
import { writeResults } from './support/write-results.ts';

const { rounds } = countsFrom({ rounds: 3 });
const threads = availableParallelism();
const file = (name: string) => fileURLToPath(new URL(`compute/${name}`, import.meta.url));
const ours = [process.execPath, '--import', 'tsx', file('training-steps.ts')];
const python = process.env.AUTOPILOT_BENCH_PYTHON?.split(':')[0] ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0;
const variants: [name: string, command: string[]][] = [
  ['native replayed', ours],
  ['embedded replayed', ours],
  ...(hasTorch ? [['torch', [python, file('training_steps.py')]] satisfies [string, string[]]] : []),
];

/** Median milliseconds of a step in each of `many` processes that train at once. */
async function stepTimes(variant: string, [program = '', ...list]: string[], many: number): Promise<number[]> {
  const request: StepRequest = { ...networks[0]!, batch: 4, threads, variant, warmupMs: 3000, measureMs: 6000 };
  const run = async () => {
    const { stdout } = await promisify(execFile)(program, [...list, JSON.stringify(request)]);
    const { wallMs } = JSON.parse(stdout.trim().split('\n').at(-1)!) as StepReport;
    return median(wallMs);
  };
  return Promise.all(Array.from({ length: many }, run));
}

const results = [];
for (const [variant, command] of variants) {
  const [alone, together]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    alone.push(...(await stepTimes(variant, command, 1)));
    together.push(...(await stepTimes(variant, command, 2)));
  }
  const [aloneMs, togetherMs] = [median(alone), median(together)];
  results.push({ variant, threads, aloneMs, togetherMs, ratio: togetherMs / aloneMs });
}
writeResults('crowded', { network: networks[0]!.name, batch: 4, rounds, results });

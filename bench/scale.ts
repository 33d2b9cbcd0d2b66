/**
 * How wrong is the advice on epochs? What `autopilot doctor --workers` predicts from the gradient noise scale, compared
 * with what recorded trainings needed, for every worker count of the guidelines' benchmark.
 *
 *     npm run bench -- scale                              measures the noise scale, predicts and compares (a minute)
 *     npm run bench -- scale record [--tasks A,B]         trains further worker counts first (minutes), resumable
 *
 * Writes bench/results/scale.json.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { GradientNoise } from '../src/domain/noise-scale.ts';
import { type MeasuredNoise, noiseOfRuns } from '../src/report/scaling/learning-advice.ts';
import { openCompute } from '../src/trainer/compute/open-compute.ts';
import { readRecordedRuns } from './guidelines/recorded-run.ts';
import { type BenchTask, benchTasks, taskNamed } from './guidelines/tasks.ts';
import { trainRun } from './guidelines/train-run.ts';
import { type MeasuredCount, measuredCounts, type Prediction, predictions } from './scale/counts.ts';
import { recordCounts } from './scale/record-counts.ts';

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: {
    tasks: { type: 'string', default: benchTasks.map(({ name }) => name).join(',') },
    results: { type: 'string', default: 'bench/results/scale.json' },
  },
});
const tasks = flags.tasks.split(',').map(taskNamed);
const further = 'bench/results/scale-runs.ndjson';
const runs = [...readRecordedRuns('bench/results/guidelines-runs.ndjson'), ...readRecordedRuns(further)];
await openCompute({ backend: 'native', threads: 1 });
if (positionals[0] === 'record') await recordCounts(tasks, { runs, file: further });

interface Compared {
  task: string;
  batchPerWorker: number;
  noise: MeasuredNoise;
  counts: MeasuredCount[];
  predictions: Prediction[];
}

/** The noise of one run with the most workers that have a recorded setting without loss, with that setting. */
async function noiseOf(task: BenchTask, counts: readonly MeasuredCount[]) {
  const { workers, setting } = counts.filter((each) => each.setting !== null).at(-1)!;
  const epochs: GradientNoise[] = [];
  await trainRun({ task: task.name, workers, seed: 1, ...task.baseline, ...setting! }, epochs);
  return noiseOfRuns([{ study: `${workers} workers`, epochs }]);
}

const compared: Compared[] = [];
for (const task of tasks) {
  const counts = measuredCounts(task, runs);
  const noise = await noiseOf(task, counts);
  if (noise === null) throw new Error(`${task.name}: its run gave no gradient noise scale.`);
  const rows = predictions(task, { noise, counts });
  compared.push({ task: task.name, batchPerWorker: task.batchPerWorker, noise, counts, predictions: rows });
  console.log(
    `\n${task.name}: noise scale ${noise.scale.toFixed(1)} samples (${noise.low.toFixed(1)} to ${noise.high.toFixed(1)})`,
  );
  console.table(rows.map(shown));
}

function shown({ workers, measured, textbook, advice }: Prediction) {
  const two = (value: number | null | undefined) => (value === null || value === undefined ? '-' : value.toFixed(2));
  return {
    workers,
    'epochs, measured': two(measured),
    textbook: two(textbook),
    expected: two(advice?.expected),
    between: advice === null ? '-' : `${two(advice.low)} to ${two(advice.high)}`,
    'speed-up, measured': two(measured && workers / measured),
    'speed-up, expected': two(advice?.expected && workers / advice.expected),
  };
}

/** The factor by which a prediction is off in either direction: geometric mean and maximum. */
function offBy(of: (row: Prediction) => number | null | undefined) {
  const logs = compared.flatMap(({ predictions: rows }) =>
    rows.flatMap((row) => {
      const predicted = of(row);
      return predicted === null || predicted === undefined || row.measured === null
        ? []
        : [Math.log(predicted / row.measured)];
    }),
  );
  const sizes = logs.map(Math.abs);
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  return { counts: logs.length, mean: rounded(Math.exp(mean)), most: rounded(Math.exp(Math.max(...sizes))) };
}

const rounded = (value: number) => Number(value.toPrecision(3));
const judged = compared.flatMap(({ predictions: rows }) =>
  rows.flatMap(({ measured, advice }) => (measured === null || advice === null ? [] : [{ measured, advice }])),
);
const wrong = {
  textbook: offBy(({ textbook }) => textbook),
  expected: offBy(({ advice }) => advice?.expected),
  nothing: offBy(({ advice }) => (advice === null ? null : 1)),
  within: judged.filter(({ measured, advice }) => measured >= advice.low && measured <= advice.high).length,
};
console.log(
  `\nOff by a factor of: the textbook formula ${wrong.textbook.mean} (at most ${wrong.textbook.most}, ${wrong.textbook.counts} counts); scaled to the smaller counts ${wrong.expected.mean} (at most ${wrong.expected.most}, ${wrong.expected.counts} counts); "as many epochs as one worker" ${wrong.nothing.mean} (at most ${wrong.nothing.most}). ${wrong.within} of ${judged.length} lie within the range that was given.`,
);
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`;
writeFileSync(
  flags.results,
  `${JSON.stringify({ date: new Date().toISOString(), machine, wrong, tasks: compared }, null, 1)}\n`,
);
console.log(`Written to ${flags.results}.`);

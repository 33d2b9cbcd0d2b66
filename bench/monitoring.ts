/**
 * What self-monitoring costs a rank: the cerebellum example's network trained with and without samples, in turn.
 * Processor time is compared, which other programs on the machine hardly change; samples are taken ten times as often
 * as in a study. `npx tsx bench/monitoring.ts` writes bench/results/monitoring-PROCESSOR.json.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleDirectory, writeRankSample } from '../src/protocol/sample-file.ts';
import { openCompute } from '../src/trainer/compute/open-compute.ts';
import { phantom } from '../src/trainer/data/phantom.ts';
import { lossNamed } from '../src/trainer/losses.ts';
import { buildModel } from '../src/trainer/models/build-model.ts';
import { updateRuleNamed } from '../src/trainer/optimizers/optimizer.ts';
import { localFused } from '../src/trainer/strategy/local.ts';
import { train } from '../src/trainer/train.ts';
import { sampleReporter } from '../src/trainer/worker/sample-reporter.ts';
import { countsFrom } from './support/counts.ts';
import { median } from './support/median.ts';
import { writeResults } from './support/write-results.ts';

countsFrom({});
const turns = 10;
const everyMs = 500;
const folder = mkdtempSync(join(tmpdir(), 'bench-monitoring-'));
const dataset = phantom({ size: 32, trainSlices: 220, testSlices: 4, noise: 0.1, seed: 1 });
const { backend } = await openCompute({ backend: 'auto', threads: 1, exact: false });
const rounded = (value: number) => Number(value.toFixed(4));
let samples = 0;

/** Processor seconds per step of one training. */
async function stepSeconds(sampled: boolean): Promise<number> {
  const model = buildModel({ architecture: 'fcn', channels: 16, normalization: 'group', groups: 4 }, dataset, 7);
  const reporter = sampleReporter({
    rank: 0,
    everyMs,
    write(sample) {
      samples += 1;
      writeRankSample(sampleDirectory(folder, 'bench'), sample);
    },
  });
  const before = process.cpuUsage();
  let steps = 0;
  await train({
    parts: {
      model,
      dataset,
      strategy: localFused(1),
      optimizer: updateRuleNamed('sgd'),
      loss: lossNamed('crossEntropy'),
    },
    plan: {
      schedule: () => 0.1,
      batchPerWorker: 1,
      epochs: 3,
      seed: 7,
      augmentation: undefined,
      divergence: { lossFactor: 1e9, zeroEpochs: 100, warmupEpochs: 0, primary: 'dice' },
    },
    listener: {
      step() {
        steps += 1;
        if (sampled) reporter.step();
      },
      epoch() {},
      checkpoint() {},
    },
  });
  const { user, system } = process.cpuUsage(before);
  model.dispose();
  return (user + system) / 1e6 / steps;
}

await stepSeconds(true);
samples = 0;
const without: number[] = [];
const withSamples: number[] = [];
for (let turn = 0; turn < turns; turn += 1) {
  // The order alternates, so that a machine that slows down affects both.
  for (const sampled of turn % 2 === 0 ? [false, true] : [true, false]) {
    (sampled ? withSamples : without).push(await stepSeconds(sampled));
  }
}
const ratios = withSamples.map((value, turn) => value / without[turn]!);
const result = {
  date: new Date().toISOString(),
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}, back end ${backend}`,
  training: 'FCN, 16 channels, 32 × 32 pixels, batch 1, 660 steps a turn',
  turns,
  everyMs,
  samples,
  cpuMsPerStep: { without: rounded(1000 * median(without)), withSamples: rounded(1000 * median(withSamples)) },
  withOverWithout: { median: rounded(median(ratios)), byTurn: ratios.map(rounded) },
};
rmSync(folder, { recursive: true });
writeResults('monitoring', result);

/**
 * Trains examples/cerebellum with the given workers, rates and seeds in this process, one run after the other, and
 * appends a line of JSON for each, from which the table in examples/cerebellum/README.md is made. `dice` is measured on
 * the validation slices, on which a rate is chosen, `testDice` on the test slices. Runs already in the file are not
 * repeated.
 *
 *     npx tsx bench/cerebellum-rates.ts RESULTS.ndjson WORKERS:RATE:FIRST-LAST …   e.g. 1:0.5:1-5 18:0.4:1-5:60:sgd
 *
 * Epochs (with which the decay scales) and optimizer default to the study's.
 *
 * `--backend NAME` and `--exact` choose how it computes.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { scheduleFrom } from '../schedules/schedule-from.ts';
import { loadStudyConfig } from '../src/config/load.ts';
import { type OptimizerName, optimizerNames } from '../src/domain/setting.ts';
import { openCompute } from '../src/trainer/compute/open-compute.ts';
import { loadData } from '../src/trainer/data/load-data.ts';
import { lossNamed } from '../src/trainer/losses.ts';
import { buildModel } from '../src/trainer/models/build-model.ts';
import { updateRuleNamed } from '../src/trainer/optimizers/optimizer.ts';
import { localFused } from '../src/trainer/strategy/local.ts';
import { train } from '../src/trainer/train.ts';
import { Refusal } from './support/refusal.ts';

interface Run {
  workers: number;
  rate: number;
  seed: number;
  epochs: number;
  optimizer: OptimizerName;
}

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { backend: { type: 'string' }, exact: { type: 'boolean', default: false } },
});
const [results, ...wanted] = positionals;
if (results === undefined || wanted.length === 0) {
  throw new Refusal('Usage: cerebellum-rates RESULTS.ndjson WORKERS:RATE:FIRST-LAST …');
}
const { config } = loadStudyConfig(fileURLToPath(new URL('../examples/cerebellum/study.yaml', import.meta.url)));
const dataset = loadData(config.data);
const wantedBackend = flags.backend ?? config.compute.backend;
const { backend, exact } = await openCompute({ backend: wantedBackend, threads: 1, exact: flags.exact });

const same = (a: Run, b: Run) =>
  a.workers === b.workers &&
  a.rate === b.rate &&
  a.seed === b.seed &&
  a.epochs === b.epochs &&
  a.optimizer === b.optimizer;
const done: Run[] = existsSync(results)
  ? readFileSync(results, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
for (const run of wanted.flatMap(runsOf)) {
  if (done.some((one) => same(one, run))) continue;
  const line = JSON.stringify({ ...run, ...(await trained(run)), backend, ...(exact && { exact }) });
  done.push(run);
  appendFileSync(results, `${line}\n`);
  console.log(line);
}

function runsOf(text: string): Run[] {
  const [workers, rate, seeds = '', epochs, optimizer] = text.split(':');
  const [first, last = first] = seeds.split('-').map(Number);
  return Array.from({ length: last! - first! + 1 }, (_, index) => ({
    workers: Number(workers),
    rate: Number(rate),
    seed: first! + index,
    epochs: epochs === undefined ? config.epochs : Number(epochs),
    optimizer: optimizerNamed(optimizer ?? config.setting.optimizer),
  }));
}

function optimizerNamed(name: string): OptimizerName {
  const found = optimizerNames.find((one) => one === name);
  if (found === undefined) throw new Refusal(`${name} is not an optimizer. Name one of: ${optimizerNames.join(', ')}.`);
  return found;
}

async function trained({ workers, rate, seed, epochs, optimizer }: Run) {
  const model = buildModel(config.model, dataset, seed);
  const { warmupEpochs, decayCoefficient, decayShape } = config.setting;
  const decayEpochs = Math.round((config.setting.decayEpochs * epochs) / config.epochs);
  const startedMs = performance.now();
  const before = process.cpuUsage();
  const outcome = await train({
    parts: {
      model,
      dataset,
      replay: true,
      strategy: localFused(workers),
      optimizer: updateRuleNamed(optimizer),
      loss: lossNamed(config.loss),
    },
    plan: {
      evaluate: ['validation', 'test'],
      schedule: scheduleFrom({
        policy: 'greScale',
        workers,
        epochs,
        initialLr: rate,
        warmupEpochs,
        decayEpochs,
        decayCoefficient,
        decayShape,
      }),
      batchPerWorker: config.batchPerWorker,
      epochs,
      seed,
      divergence: { ...config.divergence, warmupEpochs, primary: 'dice' },
    },
    listener: {},
  });
  const test = outcome.state === 'finished' ? outcome.evaluations.find(({ split }) => split === 'test') : undefined;
  const { user, system } = process.cpuUsage(before);
  model.dispose();
  return {
    state: outcome.state,
    dice: outcome.state === 'stopped' ? null : (outcome.metrics?.dice ?? null),
    testDice: test?.metrics.dice ?? null,
    cpuSeconds: (user + system) / 1e6,
    seconds: (performance.now() - startedMs) / 1000,
  };
}

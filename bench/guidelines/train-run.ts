import { scheduleFrom } from '../../schedules/schedule-from.ts';
import type { GradientNoise } from '../../src/domain/noise-scale.ts';
import type { Dataset } from '../../src/trainer/data/dataset.ts';
import { lossNamed } from '../../src/trainer/losses.ts';
import { buildModel } from '../../src/trainer/models/build-model.ts';
import { updateRuleNamed } from '../../src/trainer/optimizers/optimizer.ts';
import { localFused } from '../../src/trainer/strategy/local.ts';
import { train } from '../../src/trainer/train.ts';
import type { RecordedRun, RunToRecord } from './recorded-run.ts';
import { taskNamed } from './tasks.ts';

const datasets = new Map<string, Dataset>();

/**
 * Trains one run with the project's own trainer in this process, all workers in one. The back end must be open already.
 * `noises` gets the gradient noise of each epoch with a constant rate.
 */
export async function trainRun(run: RunToRecord, noises: GradientNoise[] = []): Promise<RecordedRun> {
  const { data, model: modelConfig, metric, batchPerWorker } = taskNamed(run.task);
  const dataset = datasets.get(run.task) ?? data();
  datasets.set(run.task, dataset);
  const { workers, epochs, initialLr, warmupEpochs, decayEpochs, decayCoefficient, optimizer, seed } = run;
  const model = buildModel(modelConfig, dataset, seed);
  const values: number[] = [];
  const before = process.cpuUsage();
  const outcome = await train({
    parts: {
      model,
      dataset,
      replay: true,
      strategy: localFused(workers),
      optimizer: updateRuleNamed(optimizer),
      loss: lossNamed('crossEntropy'),
    },
    plan: {
      schedule: scheduleFrom({
        policy: 'greScale',
        workers,
        epochs,
        initialLr,
        warmupEpochs,
        decayEpochs,
        decayCoefficient,
        decayShape: 'exponential',
      }),
      batchPerWorker,
      epochs,
      seed,
      evaluate: 'validation' in dataset.splits ? ['validation', 'test'] : ['test'],
      divergence: { lossFactor: 10, zeroEpochs: 5, warmupEpochs, primary: metric },
    },
    listener: {
      epoch({ epoch, metrics, measured }) {
        values.push(metrics[metric] ?? 0);
        const still = epoch > warmupEpochs && epoch <= epochs - decayEpochs;
        if (still && measured.gradientNoise !== undefined) noises.push(measured.gradientNoise);
      },
    },
  });
  const { user, system } = process.cpuUsage(before);
  model.dispose();
  const finished = outcome.state === 'finished';
  const valueOn = (part: string) => {
    const evaluated = finished ? outcome.evaluations.find(({ split }) => split === part) : undefined;
    return evaluated === undefined ? null : rounded(evaluated.metrics[metric] ?? 0, 5);
  };
  return {
    ...run,
    state: finished ? 'finished' : 'diverged',
    metric: valueOn('test'),
    ...('validation' in dataset.splits ? { validation: valueOn('validation') } : {}),
    cpuSeconds: rounded((user + system) / 1e6, 2),
    curve: tenths(values, epochs),
  };
}

/** The values after 1/10, 2/10, … of the epochs, as far as the training got. */
export function tenths(values: readonly number[], epochs: number): number[] {
  const ends = Array.from({ length: 10 }, (_, index) => Math.round(((index + 1) * epochs) / 10));
  return ends.filter((end) => end <= values.length).map((end) => rounded(values[end - 1]!, 4));
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

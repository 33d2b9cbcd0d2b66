import { join, relative } from 'node:path';
import { phaseAt } from '../../schedules/phases.ts';
import { scheduleFrom } from '../../schedules/schedule-from.ts';
import { optimizerNames } from '../domain/setting.ts';
import { checkpointPath, runDirectoryFiles } from '../protocol/run-directory.ts';
import { sampleDirectory, writeRankSample } from '../protocol/sample-file.ts';
import { writeCheckpoint } from '../trainer/checkpoint-file.ts';
import { checkpointFolder, findUsableCheckpoint } from '../trainer/checkpoint-folder.ts';
import { openCompute } from '../trainer/compute/open-compute.ts';
import { loadData } from '../trainer/data/load-data.ts';
import { buildModel, mixesSamples } from '../trainer/models/build-model.ts';
import { openStrategy } from '../trainer/strategy/open-strategy.ts';
import { type TrainOutcome, train } from '../trainer/train.ts';
import { requireAgreement } from './agreement.ts';
import { environmentOf } from './environment.ts';
import { eventWriter } from './event-writer.ts';
import { fingerprintOf, weightsHash } from './fingerprint.ts';
import { writePredictionPictures } from './prediction-pictures.ts';
import type { WorkerSpec } from './read-spec.ts';
import { sampleReporter } from './sample-reporter.ts';
import { stopRequests } from './stop-requests.ts';

const heartbeatMs = 1000;

/** Trains the run of a run directory as one of its processes, and writes its events. */
export async function runWorker(directory: string, spec: WorkerSpec): Promise<TrainOutcome> {
  const files = runDirectoryFiles(directory);
  const stopWanted = stopRequests(files.stop);
  const compute = await openCompute({ backend: spec.compute.backend, threads: spec.compute.threads });
  const dataset = loadData(spec.data);
  const model = buildModel(spec.model, dataset, spec.seed);
  const { shards } = spec.compute;
  const strategy = await openStrategy({
    workers: spec.workers,
    shards,
    mixesSamples: mixesSamples(spec.model),
    strategy: spec.strategy,
  });
  const first = strategy.process === 0;
  const events = eventWriter(files.events, spec);
  const say: typeof events.write = (event) => {
    if (first) events.write(event);
  };
  const found =
    spec.resumeFrom === null
      ? { checkpoint: null, problems: [] }
      : findUsableCheckpoint(checkpointPath(directory, spec.resumeFrom));
  for (const problem of found.problems) say({ type: 'warning', message: `checkpoint passed over: ${problem}` });
  if (spec.resumeFrom !== null && found.checkpoint === null) {
    say({ type: 'warning', message: 'no checkpoint is usable; training starts afresh' });
  }
  say({
    type: 'started',
    workers: spec.workers,
    capabilities: { optimizers: [...optimizerNames] },
    environment: environmentOf({
      backend: compute.backend,
      backendReason: compute.reason,
      strategy: strategy.name,
      threads: spec.compute.threads,
      data: dataset.name,
      parameters: model.countParams(),
    }),
    ...(found.checkpoint === null ? {} : { resumedFromStep: found.checkpoint.step }),
  });

  const checkpoints = checkpointFolder(files.checkpoints, { keep: spec.checkpoints.keep });
  const { AUTOPILOT_ATTEMPT: attemptName = String(spec.attempt) } = process.env;
  const samples = sampleReporter({
    rank: strategy.process,
    write: (sample) =>
      first
        ? events.write({ type: 'sample', ...sample })
        : writeRankSample(sampleDirectory(directory, attemptName), sample),
  });
  let beatMs = Number.NEGATIVE_INFINITY;
  const fingerprint = fingerprintOf(spec);
  await requireAgreement(strategy, { fingerprint, resumedFromStep: found.checkpoint?.step ?? null });
  const outcome = await train({
    model,
    dataset,
    strategy,
    schedule: scheduleFrom(spec.schedule),
    optimizer: spec.setting.optimizer,
    loss: spec.loss,
    batchPerWorker: spec.batchPerWorker,
    epochs: spec.epochs,
    seed: spec.seed,
    divergence: { ...spec.divergence, warmupEpochs: spec.setting.warmupEpochs, primary: spec.metrics[0]! },
    checkpointEveryEpochs: spec.checkpoints.everyEpochs,
    resumeFrom: found.checkpoint,
    fingerprint,
    stopWanted,
    listener: {
      step(step) {
        samples.step();
        if (performance.now() - beatMs < heartbeatMs) return;
        beatMs = performance.now();
        // The other ranks beat in files of their own: several hosts appending to one file would lose lines.
        say({ type: 'heartbeat', rank: strategy.process, step });
      },
      epoch: ({ epoch, ...rest }) => say({ type: 'epoch', epoch, phase: phaseAt(spec.schedule, epoch - 1), ...rest }),
      checkpoint(checkpoint) {
        if (!first) return;
        const path = relative(directory, checkpoints.save(checkpoint));
        say({ type: 'checkpoint', path, step: checkpoint.step, epoch: checkpoint.progress.shuffle.epoch });
      },
    },
  });

  if (outcome.state === 'diverged') {
    say({ type: 'diverged', reason: outcome.reason, epoch: outcome.epoch });
  }
  if (outcome.state === 'finished' && first) {
    const tensors = [];
    for (const weight of model.weights) {
      tensors.push({ name: weight.originalName, values: Float32Array.from(await weight.read().data<'float32'>()) });
    }
    const progress = { shuffle: { seed: spec.seed, epoch: spec.epochs }, lossSum: 0, firstLoss: null, zeroEpochs: 0 };
    writeCheckpoint(join(directory, 'weights.bin'), { step: outcome.steps, fingerprint, progress, tensors });
    for (const path of await writePredictionPictures(directory, { model, dataset })) {
      say({ type: 'prediction', path, epoch: spec.epochs });
    }
    say({ type: 'evaluation', split: 'test', metrics: outcome.metrics });
    say({ type: 'finished', steps: outcome.steps, weightsHash: await weightsHash(model) });
  }
  events.close();
  await strategy.close();
  return outcome;
}

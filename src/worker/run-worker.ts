import { join, relative } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { phaseAt } from '../../schedules/phases.ts';
import { scheduleFrom } from '../../schedules/schedule-from.ts';
import type { VerifiedProgram } from '../deploy/verify-program.ts';
import { nothingWatched } from '../domain/divergence.ts';
import { optimizerNames } from '../domain/setting.ts';
import { checkpointPath, runDirectoryFiles } from '../protocol/run-directory.ts';
import { sampleDirectory, writeRankSample } from '../protocol/sample-file.ts';
import { writeCheckpoint } from '../trainer/checkpoint-file.ts';
import { checkpointFolder, findUsableCheckpoint } from '../trainer/checkpoint-folder.ts';
import { openCallbacks } from '../trainer/components/callback.ts';
import { composeTraining } from '../trainer/components/compose-training.ts';
import { openCompute } from '../trainer/compute/open-compute.ts';
import { type TrainOutcome, train } from '../trainer/train.ts';
import { describeTransfer, initializeFrom } from '../zoo/transfer-weights.ts';
import { requireAgreement } from './agreement.ts';
import { environmentOf } from './environment.ts';
import { eventWriter } from './event-writer.ts';
import { fingerprintOf, weightsHash } from './fingerprint.ts';
import { loadingWatch } from './loading-watch.ts';
import { onThisHost } from './on-this-host.ts';
import { takeOwnDevice } from './own-device.ts';
import { writePredictionPictures } from './prediction-pictures.ts';
import type { WorkerSpec } from './read-spec.ts';
import { sampleReporter } from './sample-reporter.ts';
import { stopRequests } from './stop-requests.ts';

const heartbeatMs = 1000;

/** How long a module of the study may take to load. An import that waits is ended a little earlier, in the loader. */
const loadingSeconds = 25;

/** Trains the run of a run directory as one of its processes, and writes its events. */
export async function runWorker(directory: string, spec: WorkerSpec, program: VerifiedProgram): Promise<TrainOutcome> {
  const files = runDirectoryFiles(directory);
  const stopWanted = stopRequests(files.stop);
  const { backend, threads, exact } = spec.compute;
  const device = takeOwnDevice();
  const compute = await openCompute({ backend, threads, exact });
  const here = onThisHost(spec, program);
  const { attempt } = spec;
  const composed = await composeTraining(
    here,
    loadingWatch({ events: files.events, attempt, seconds: loadingSeconds }),
  );
  const { dataset, model, strategy } = composed;
  const { initFrom } = here.model;
  const transfer = initFrom === undefined ? null : { from: initFrom, ...initializeFrom(model, initFrom) };
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
    capabilities: { optimizers: optimizerNames.filter((name) => name !== 'custom' || spec.components.optimizer) },
    environment: environmentOf({
      backend: compute.backend,
      backendReason: compute.reason,
      strategy: strategy.name,
      threads: spec.compute.threads,
      ...(device === null ? {} : { device }),
      data: dataset.name,
      parameters: model.countParams(),
      ...(program.hash === null ? {} : { program: program.hash }),
    }),
    ...(found.checkpoint === null ? {} : { resumedFromStep: found.checkpoint.step }),
    ...(transfer === null ? {} : { transfer }),
  });

  if (transfer !== null) say({ type: 'warning', message: describeTransfer(transfer.from, transfer) });

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
  const fingerprint = fingerprintOf(spec, program);
  await requireAgreement(strategy, { fingerprint, resumedFromStep: found.checkpoint?.step ?? null });
  // A module's rule has the name that its author gave it.
  const optimizer = spec.setting.optimizer === 'custom' ? 'custom' : composed.optimizer.name;
  const callbacks = openCallbacks(first ? composed.callbacks : [], {
    tf,
    model,
    directory,
    key: spec.key,
    seed: spec.seed,
    workers: spec.workers,
    warn: (message) => say({ type: 'warning', message }),
  });
  await callbacks.start();
  const outcome = await train({
    model,
    dataset,
    strategy,
    schedule: scheduleFrom(spec.schedule),
    optimizer: composed.optimizer,
    loss: composed.loss,
    replay: composed.replay,
    furtherMetrics: composed.metrics,
    evaluate: spec.evaluate,
    batchPerWorker: spec.batchPerWorker,
    epochs: spec.epochs,
    seed: spec.seed,
    augmentation: spec.data.kind === 'none' ? undefined : spec.data.augmentation,
    divergence: { ...spec.divergence, warmupEpochs: spec.setting.warmupEpochs, primary: watchedMetric(spec) },
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
      async epoch({ epoch, measured, ...rest }) {
        say({
          type: 'epoch',
          epoch,
          phase: phaseAt(spec.schedule, epoch - 1),
          ...rest,
          measured: { ...measured, lr: measured.lr?.slice(), optimizer },
        });
        await callbacks.epoch({ epoch, ...rest });
      },
      async checkpoint(checkpoint) {
        if (!first) return;
        const path = checkpoints.save(checkpoint);
        const { step } = checkpoint;
        say({ type: 'checkpoint', path: relative(directory, path), step, epoch: checkpoint.progress.shuffle.epoch });
        await callbacks.checkpoint({ path, step });
      },
    },
  });

  await callbacks.end({ state: outcome.state });
  if (outcome.state === 'diverged') {
    say({ type: 'diverged', reason: outcome.reason, epoch: outcome.epoch });
  }
  if (outcome.state === 'finished' && first) {
    const tensors = [];
    for (const weight of model.weights) {
      tensors.push({ name: weight.originalName, values: Float32Array.from(await weight.read().data<'float32'>()) });
    }
    const progress = { shuffle: { seed: spec.seed, epoch: spec.epochs }, lossSum: 0, divergence: nothingWatched };
    writeCheckpoint(join(directory, 'weights.bin'), { step: outcome.steps, fingerprint, progress, tensors });
    const pictured =
      dataset.task === 'classification' ? [] : await writePredictionPictures(directory, { model, dataset });
    for (const path of pictured) {
      say({ type: 'prediction', path, epoch: spec.epochs });
    }
    for (const evaluation of outcome.evaluations) say({ type: 'evaluation', ...evaluation });
    say({ type: 'finished', steps: outcome.steps, weightsHash: await weightsHash(model) });
  }
  events.close();
  await strategy.close();
  return outcome;
}

/** Specifications of earlier versions do not name it. */
function watchedMetric({ divergence, metrics }: WorkerSpec): string | null {
  return divergence.primary === undefined ? (metrics[0] ?? null) : divergence.primary;
}

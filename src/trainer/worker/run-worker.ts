import { relative } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { phaseAt } from '../../../schedules/phases.ts';
import { scheduleFrom } from '../../../schedules/schedule-from.ts';
import type { VerifiedProgram } from '../../launcher/deploy/verify-program.ts';
import { runDirectoryFiles } from '../../protocol/run-directory.ts';
import { sampleDirectory, writeRankSample } from '../../protocol/sample-file.ts';
import { checkpointFolder } from '../checkpoint-folder.ts';
import { openCallbacks } from '../components/callback.ts';
import { type TrainListener, type TrainOutcome, train } from '../train.ts';
import { type OpenRun, openRun } from './open-run.ts';
import { publishResult } from './publish-result.ts';
import type { WorkerSpec } from './read-spec.ts';
import { sampleReporter } from './sample-reporter.ts';
import { stopRequests } from './stop-requests.ts';

const heartbeatMs = 1000;

/** Trains the run in a run directory as one of its processes, and writes its events. */
export async function runWorker(directory: string, spec: WorkerSpec, program: VerifiedProgram): Promise<TrainOutcome> {
  const stopWanted = stopRequests(runDirectoryFiles(directory).stop);
  const run = await openRun(directory, spec, program);
  const { composed, first, events, say } = run;
  const callbacks = openCallbacks(first ? composed.callbacks : [], {
    tf,
    model: composed.model,
    directory,
    key: spec.key,
    seed: spec.seed,
    workers: spec.workers,
    warn: (message) => say({ type: 'warning', message }),
  });
  await callbacks.start();
  const outcome = await train({
    parts: composed,
    plan: {
      ...spec,
      schedule: scheduleFrom(spec.schedule),
      augmentation: spec.data.kind === 'none' ? undefined : spec.data.augmentation,
      divergence: { ...spec.divergence, warmupEpochs: spec.setting.warmupEpochs, primary: watchedMetric(spec) },
    },
    checkpoints: {
      everyEpochs: spec.checkpoints.everyEpochs,
      resumeFrom: run.checkpoint,
      fingerprint: run.fingerprint,
    },
    stopWanted,
    listener: trainListener(run, callbacks),
  });
  await callbacks.end({ state: outcome.state });
  if (outcome.state === 'diverged') say({ type: 'diverged', reason: outcome.reason, epoch: outcome.epoch });
  if (outcome.state === 'finished' && first) await publishResult(run, outcome);
  events.close();
  await composed.strategy.close();
  return outcome;
}

/** Reports every epoch and checkpoint, and now and then a step. */
function trainListener(
  { directory, files, spec, composed, first, events, say }: OpenRun,
  callbacks: ReturnType<typeof openCallbacks>,
): TrainListener {
  const { process: rank } = composed.strategy;
  const checkpoints = checkpointFolder(files.checkpoints, { keep: spec.checkpoints.keep });
  const { AUTOPILOT_ATTEMPT: attemptName = String(spec.attempt) } = process.env;
  const ownSamples = sampleDirectory(directory, attemptName);
  const samples = sampleReporter({
    rank,
    write: (sample) => (first ? events.write({ type: 'sample', ...sample }) : writeRankSample(ownSamples, sample)),
  });
  const optimizer = composed.optimizer.name;
  let beatMs = Number.NEGATIVE_INFINITY;
  return {
    step(step) {
      samples.step();
      if (performance.now() - beatMs < heartbeatMs) return;
      beatMs = performance.now();
      // The other ranks write their heartbeats to files of their own.
      say({ type: 'heartbeat', rank, step });
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
  };
}

/** The primary metric to watch for divergence; run specs of earlier versions do not name it. */
function watchedMetric({ divergence, metrics }: WorkerSpec): string | null {
  return divergence.primary === undefined ? (metrics[0] ?? null) : divergence.primary;
}

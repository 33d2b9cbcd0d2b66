import { relative } from 'node:path';
import { phaseAt } from '../../schedules/phases.ts';
import { scheduleFrom } from '../../schedules/schedule-from.ts';
import type { VerifiedProgram } from '../deploy/verify-program.ts';
import { runDirectoryFiles } from '../protocol/run-directory.ts';
import { sampleDirectory, writeRankSample } from '../protocol/sample-file.ts';
import { checkpointFolder } from '../trainer/checkpoint-folder.ts';
import { type TrainListener, type TrainOptions, type TrainOutcome, train } from '../trainer/train.ts';
import { requireAgreement } from './agreement.ts';
import { type OpenRun, openRun } from './open-run.ts';
import { publishOutcome } from './publish-outcome.ts';
import type { WorkerSpec } from './read-spec.ts';
import { sampleReporter } from './sample-reporter.ts';
import { stopRequests } from './stop-requests.ts';

const heartbeatMs = 1000;

/** Trains the run of a run directory as one of its processes, and writes its events. */
export async function runWorker(directory: string, spec: WorkerSpec, program: VerifiedProgram): Promise<TrainOutcome> {
  const stopWanted = stopRequests(runDirectoryFiles(directory).stop);
  const run = await openRun(directory, spec, program);
  const { composed, events, callbacks, fingerprint, checkpoint } = run;
  await requireAgreement(composed.strategy, { fingerprint, resumedFromStep: checkpoint?.step ?? null });
  await callbacks.start();
  const outcome = await train({
    ...composed,
    ...trainingOf(spec),
    furtherMetrics: composed.metrics,
    resumeFrom: checkpoint,
    fingerprint,
    stopWanted,
    listener: listenerOf(run),
  });
  await callbacks.end({ state: outcome.state });
  await publishOutcome(run, outcome);
  events.close();
  await composed.strategy.close();
  return outcome;
}

/** What `run.json` says about the course of the training. */
function trainingOf({ schedule, setting, data, divergence, checkpoints, metrics, ...spec }: WorkerSpec) {
  return {
    schedule: scheduleFrom(schedule),
    evaluate: spec.evaluate,
    batchPerWorker: spec.batchPerWorker,
    epochs: spec.epochs,
    seed: spec.seed,
    augmentation: data.kind === 'none' ? undefined : data.augmentation,
    divergence: { ...divergence, warmupEpochs: setting.warmupEpochs, primary: metrics[0]! },
    checkpointEveryEpochs: checkpoints.everyEpochs,
  } satisfies Partial<TrainOptions>;
}

/** Tells of steps, epochs and checkpoints: in the run's events, to the callbacks, in samples. */
function listenerOf({ directory, spec, composed, events, first, say, callbacks }: OpenRun): TrainListener {
  const rank = composed.strategy.process;
  const checkpoints = checkpointFolder(runDirectoryFiles(directory).checkpoints, { keep: spec.checkpoints.keep });
  const { AUTOPILOT_ATTEMPT: attempt = String(spec.attempt) } = process.env;
  const samples = sampleReporter({
    rank,
    write: (sample) =>
      first
        ? events.write({ type: 'sample', ...sample })
        : writeRankSample(sampleDirectory(directory, attempt), sample),
  });
  let beatMs = Number.NEGATIVE_INFINITY;
  return {
    step(step) {
      samples.step();
      if (performance.now() - beatMs < heartbeatMs) return;
      beatMs = performance.now();
      // The other ranks beat in files of their own: several hosts appending to one file would lose lines.
      say({ type: 'heartbeat', rank, step });
    },
    async epoch({ epoch, ...rest }) {
      say({ type: 'epoch', epoch, phase: phaseAt(spec.schedule, epoch - 1), ...rest });
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

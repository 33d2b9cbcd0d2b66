import * as tf from '@tensorflow/tfjs-core';
import type { VerifiedProgram } from '../deploy/verify-program.ts';
import { optimizerNames } from '../domain/setting.ts';
import { checkpointPath, runDirectoryFiles } from '../protocol/run-directory.ts';
import type { Checkpoint } from '../trainer/checkpoint-file.ts';
import { findUsableCheckpoint } from '../trainer/checkpoint-folder.ts';
import { type OpenCallbacks, openCallbacks } from '../trainer/components/callback.ts';
import { type ComposedTraining, composeTraining } from '../trainer/components/compose-training.ts';
import { openCompute } from '../trainer/compute/open-compute.ts';
import { describeTransfer, initializeFrom } from '../zoo/transfer-weights.ts';
import { environmentOf } from './environment.ts';
import { type EventWriter, eventWriter } from './event-writer.ts';
import { fingerprintOf } from './fingerprint.ts';
import { loadingWatch } from './loading-watch.ts';
import { onThisHost } from './on-this-host.ts';
import { takeOwnDevice } from './own-device.ts';
import type { WorkerSpec } from './read-spec.ts';

/** How long a module of the study may take to load. An import that waits is ended a little earlier, in the loader. */
const loadingSeconds = 25;

/** A run that is ready to be trained by this process, one of several. */
export interface OpenRun {
  directory: string;
  spec: WorkerSpec;
  composed: ComposedTraining;
  events: EventWriter;
  /** Is this process 0, which alone writes what all have in common? */
  first: boolean;
  /** Writes an event on process 0. */
  say: EventWriter['write'];
  /** The study's, on process 0. */
  callbacks: OpenCallbacks;
  /** What must agree for a checkpoint to be gone on from. */
  fingerprint: string;
  /** Where training goes on. */
  checkpoint: Checkpoint | null;
}

/** Takes a device, composes the training, finds the checkpoint, and says in the run's events what it starts with. */
export async function openRun(directory: string, spec: WorkerSpec, program: VerifiedProgram): Promise<OpenRun> {
  const files = runDirectoryFiles(directory);
  const device = takeOwnDevice();
  const compute = await openCompute(spec.compute);
  const here = onThisHost(spec, program);
  const watch = loadingWatch({ events: files.events, attempt: spec.attempt, seconds: loadingSeconds });
  const composed = await composeTraining(here, watch);
  const { dataset, model, strategy } = composed;
  const { initFrom } = here.model;
  const transfer = initFrom === undefined ? null : { from: initFrom, ...initializeFrom(model, initFrom) };
  const first = strategy.process === 0;
  const events = eventWriter(files.events, spec);
  const say: EventWriter['write'] = (event) => {
    if (first) events.write(event);
  };
  const warn = (message: string) => say({ type: 'warning', message });
  const checkpoint =
    spec.resumeFrom === null ? null : usableCheckpoint(checkpointPath(directory, spec.resumeFrom), warn);
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
    ...(checkpoint === null ? {} : { resumedFromStep: checkpoint.step }),
    ...(transfer === null ? {} : { transfer }),
  });
  if (transfer !== null) warn(describeTransfer(transfer.from, transfer));
  const { key, seed, workers } = spec;
  const callbacks = openCallbacks(first ? composed.callbacks : [], { tf, model, directory, key, seed, workers, warn });
  const fingerprint = fingerprintOf(spec, program);
  return { directory, spec, composed, events, first, say, callbacks, fingerprint, checkpoint };
}

/** The checkpoint, or an older one that is whole; warns of each that is passed over. */
function usableCheckpoint(path: string, warn: (message: string) => void): Checkpoint | null {
  const { checkpoint, problems } = findUsableCheckpoint(path);
  for (const problem of problems) warn(`checkpoint passed over: ${problem}`);
  if (checkpoint === null) warn('no checkpoint is usable; training starts afresh');
  return checkpoint;
}

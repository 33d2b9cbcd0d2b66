import { optimizerNames } from '../../domain/setting.ts';
import type { VerifiedProgram } from '../../launcher/deploy/verify-program.ts';
import { checkpointPath, runDirectoryFiles } from '../../protocol/run-directory.ts';
import { findUsableCheckpoint } from '../checkpoint-folder.ts';
import { composeTraining } from '../components/compose-training.ts';
import { openCompute } from '../compute/open-compute.ts';
import { repeatedSlices } from '../data/repeated-slices.ts';
import { startedRanks } from '../strategy/open-strategy.ts';
import { describeTransfer, initializeFrom } from '../zoo-model/transfer-weights.ts';
import { requireAgreement } from './agreement.ts';
import { environmentOf } from './environment.ts';
import { eventWriter } from './event-writer.ts';
import { fingerprintOf } from './fingerprint.ts';
import { loadingWatch } from './loading-watch.ts';
import { onThisHost } from './on-this-host.ts';
import { takeOwnDevice } from './own-device.ts';
import type { WorkerSpec } from './read-spec.ts';

/** How long a module of the study may take to load; the loader itself gives up a little earlier on one that awaits. */
const loadingSeconds = 25;

/** A run as seen by one of its processes: its parts, the checkpoint it resumes from, and where it reports. */
export type OpenRun = Awaited<ReturnType<typeof openRun>>;

/** Composes a run's training, reports that it starts and with what, and checks that all processes mean the same run. */
export async function openRun(directory: string, spec: WorkerSpec, program: VerifiedProgram) {
  const files = runDirectoryFiles(directory);
  const { backend, threads, exact, precision } = spec.compute;
  const device = takeOwnDevice();
  const compute = await openCompute({ backend, threads, exact, precision });
  const here = onThisHost(spec, program);
  const watch = loadingWatch({ events: files.events, attempt: spec.attempt, seconds: loadingSeconds });
  const composed = await composeTraining(here, watch);
  const { dataset, model, strategy } = composed;
  const { initFrom } = here.model;
  const transfer = initFrom === undefined ? null : { from: initFrom, ...initializeFrom(model, initFrom) };
  const first = strategy.process === 0;
  const events = eventWriter(files.events, spec);
  /** Only the first process writes: several hosts appending to one file would lose lines. */
  const say: typeof events.write = (event) => {
    if (first) events.write(event);
  };
  const checkpoint = resumedCheckpoint(directory, spec, (message) => say({ type: 'warning', message }));
  say({
    type: 'started',
    workers: spec.workers,
    capabilities: { optimizers: optimizerNames.filter((name) => name !== 'custom' || spec.components.optimizer) },
    environment: environmentOf({
      backend: compute.backend,
      backendReason: compute.reason,
      precision: compute.precision,
      strategy: strategy.name,
      threads,
      ...(device === null ? {} : { device }),
      data: dataset.name,
      parameters: model.countParams(),
      ...(program.hash === null ? {} : { program: program.hash }),
    }),
    ...(checkpoint === null ? {} : { resumedFromStep: checkpoint.step }),
    ...(transfer === null ? {} : { transfer }),
  });
  const ranks = startedRanks();
  if (ranks !== null && ranks < spec.workers) say({ type: 'warning', message: severalEach(spec.workers, ranks) });
  if (transfer !== null) say({ type: 'warning', message: describeTransfer(transfer.from, transfer) });
  if (first) for (const message of repeatedSlices(dataset)) say({ type: 'warning', message });
  const fingerprint = fingerprintOf(spec, program);
  await requireAgreement(strategy, { fingerprint, resumedFromStep: checkpoint?.step ?? null });
  return { directory, files, spec, composed, first, events, say, checkpoint, fingerprint };
}

/** In the same words as the Python client. */
function severalEach(workers: number, ranks: number): string {
  return `${workers} workers are trained by fewer processes: each adds up the gradients of ${workers / ranks} batches for a step, as ${workers} workers would average them. The run's duration says nothing about training on that many workers.`;
}

/** The checkpoint that the run resumes from, or null for a fresh start, with a warning if it should have resumed. */
function resumedCheckpoint(directory: string, { resumeFrom }: WorkerSpec, warn: (message: string) => void) {
  if (resumeFrom === null) return null;
  const { checkpoint, problems } = findUsableCheckpoint(checkpointPath(directory, resumeFrom));
  for (const problem of problems) warn(`checkpoint passed over: ${problem}`);
  if (checkpoint === null) warn('no checkpoint is usable; training starts afresh');
  return checkpoint;
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '../../../db/index.ts';
import {
  type AskedRun,
  type AttemptEvent,
  type AttemptRequest,
  type AttemptState,
  advanceAttempt,
  type StopRequest,
  startAttempt,
} from '../../../machines/attempt/index.ts';
import { rangePerEpoch } from '../../../schedules/range.ts';
import { metricNames } from '../../config/decision-metrics.ts';
import { messageOf } from '../../domain/errors.ts';
import type { LaunchedJob } from '../../launcher/launcher.ts';
import type { LaunchedAttempt } from '../../protocol/event-lines.ts';
import { requestStop } from '../../protocol/run-directory.ts';
import type { Training } from './training.ts';

export interface DrivenAttempt {
  asked: AskedRun;
  /** Passes an event to the attempt's machine and performs the resulting requests at once. */
  feed(event: AttemptEvent): void;
  /** Ends the attempt because of an exception, which is kept in `thrown`. */
  fail(reason: unknown): void;
  thrown: readonly unknown[];
  /** Resolves when the machine is done. */
  over: Promise<null>;
  state(): AttemptState;
  /** What its processes were doing when it was taken for hung; null if unknown. */
  busy(): string | null;
}

/** Runs the attempt's machine and performs its requests: emits warnings, stops the job. */
export function driveAttempt(
  { session, meaning, run, epochs, runDirectory, schedule }: Training,
  { attempt, job }: { attempt: LaunchedAttempt; job: LaunchedJob | null },
): DrivenAttempt {
  const { store, config, say, now } = session;
  const { key, workers, setting } = run;
  const { timeouts, divergence, trainer, batchPerWorker, decision } = config;
  const [first = ''] = metricNames(decision);
  const asked = {
    workers,
    batchPerWorker,
    optimizer: setting.optimizer,
    epochs,
    rates: rangePerEpoch(schedule),
    samplesPerEpoch: workers > 1 ? samplesOfOneWorker(store, run.studyId) : undefined,
  };
  let state = startAttempt({
    epochs,
    setting,
    asked,
    // Where lower is better, 0 is no sign of collapse.
    primary: meaning.definitions()[first]?.direction === 'higher' ? first : null,
    divergence,
    timeouts,
    outlivesEngine: job?.outlivesEngine ?? false,
    earlier: store.epochsOf(run.id).filter((row) => row.attempt !== attempt.number),
    startedAtMs: now(),
  });
  const thrown: unknown[] = [];
  let busy: string | null = null;
  let end = () => {};
  const over = new Promise<null>((resolve) => {
    end = () => resolve(null);
  });

  function feed(event: AttemptEvent): void {
    const advanced = advanceAttempt(state, event);
    state = advanced.state;
    advanced.requests.forEach(perform);
    if (state.status === 'done') end();
  }

  function perform(request: AttemptRequest): void {
    if (request.type === 'warn') say({ type: 'warning', key, message: request.message });
    else if (job !== null) {
      stop(job, request).catch((reason: unknown) => {
        thrown.push(reason);
        feed({ type: 'unstoppable' });
      });
    }
  }

  async function stop(job: LaunchedJob, { graceMs, gently }: StopRequest): Promise<void> {
    if (state.context.stopCause?.type === 'silent') busy = (await job.busyWith?.()) ?? null;
    if (gently) requestStop(runDirectory, 'autopilot stops');
    // A user's script checks for the stop file between epochs, but SIGTERM would end it at once.
    if (gently && trainer.kind === 'command')
      await Promise.race([job.exited, delay(graceMs / 2, undefined, { ref: false })]);
    await job.stop({ graceMs });
  }

  function fail(reason: unknown): void {
    thrown.push(reason);
    feed({ type: 'failed', reason: messageOf(reason) });
  }

  return { asked, feed, fail, thrown, over, state: () => state, busy: () => busy };
}

/** Samples per epoch as measured in the single-worker baseline; undefined if it measured none. */
function samplesOfOneWorker(store: Store, studyId: string) {
  const run = 'baseline-1';
  const { stepsPerEpoch, batchPerWorker: batch } = store.runByKey(studyId, run)?.measured ?? {};
  return stepsPerEpoch === undefined || batch === undefined
    ? undefined
    : { run, samples: stepsPerEpoch * batch, batch };
}

import type { Store } from '../../db/index.ts';
import type { ResolvedStudyConfig } from '../config/resolve.ts';
import type { ExitReport, LaunchedJob } from '../launcher/launcher.ts';
import { followEvents } from '../protocol/follow-events.ts';
import { requestStop, runDirectoryFiles } from '../protocol/run-directory.ts';
import type { RunSpec } from '../protocol/run-spec.ts';
import type { TrainerEvent } from '../protocol/trainer-event.ts';
import { type AttemptFacts, addFact, noFacts } from './attempt-facts.ts';
import { divergenceWatch } from './divergence-watch.ts';
import { ingestLines } from './ingest-lines.ts';
import { type AttemptEnd, judgeAttempt, type StopCause } from './judge-attempt.ts';
import type { OnProgress } from './progress.ts';

export interface FollowAttemptOptions {
  store: Store;
  config: ResolvedStudyConfig;
  spec: Pick<RunSpec, 'studyId' | 'runId' | 'key' | 'epochs' | 'setting' | 'metrics'>;
  attempt: { name: string; number: number };
  runDirectory: string;
  /** Null when no process of it is left: its events are read to the end and judged. */
  job: LaunchedJob | null;
  log: string;
  onProgress: OnProgress;
  onStarted: (event: Extract<TrainerEvent, { type: 'started' }>) => void;
  signal: AbortSignal;
  now: () => number;
}

export interface FollowedAttempt {
  end: AttemptEnd;
  facts: AttemptFacts;
}

const msPerMinute = 60_000;

/** Follows an attempt until no process of it is left: stores what it reports, and stops it when it has to be stopped. */
export async function followAttempt(options: FollowAttemptOptions): Promise<FollowedAttempt> {
  const { store, config, spec, attempt, runDirectory, job, log, onProgress, onStarted, signal, now } = options;
  const { timeouts, divergence, trainer } = config;
  const facts = noFacts();
  const watch = divergenceWatch({
    ...divergence,
    warmupEpochs: spec.setting.warmupEpochs,
    primary: spec.metrics[0] ?? '',
  });
  let stopped: StopCause | null = null;
  let lastEventMs = now();
  let linger: NodeJS.Timeout | undefined;
  const failure = deferred<never>();

  function stop(cause: StopCause): void {
    if (stopped !== null || job === null) return;
    stopped = cause;
    endJob(job, cause).catch(failure.reject);
  }

  async function endJob(job: LaunchedJob, { cause }: StopCause): Promise<void> {
    const graceMs = timeouts.stopSeconds * 1000;
    if (cause !== 'cancelled') return job.stop({ graceMs: Math.min(graceMs, 5000) });
    requestStop(runDirectory, 'autopilot stops');
    // A stranger's script looks for the stop file between epochs, but SIGTERM would end it on the spot.
    if (trainer.kind === 'command') await settledWithin(job.exited, graceMs / 2);
    await job.stop({ graceMs });
  }

  function onEvent(event: TrainerEvent): void {
    addFact(facts, event);
    lastEventMs = now();
    if (event.type === 'started') onStarted(event);
    if (event.type === 'finished' && job !== null) {
      // It said all it had to say; whatever hangs in its teardown does not matter.
      linger ??= setTimeout(() => job.stop({ graceMs: 1000 }).catch(failure.reject), timeouts.stopSeconds * 1000);
    }
    if (event.type === 'epoch' && !facts.finished) {
      const reason = watch({ epoch: event.epoch, loss: event.loss ?? null, metrics: event.metrics ?? null });
      if (reason !== null) stop({ cause: 'diverged', reason });
    }
  }

  const ingest = ingestLines({
    store,
    studyId: spec.studyId,
    runId: spec.runId,
    key: spec.key,
    epochs: spec.epochs,
    attempt,
    runDirectory,
    onProgress,
    onEvent,
    now,
  });
  const follower = followEvents({
    path: runDirectoryFiles(runDirectory).events,
    attempt: attempt.number,
    onLines(lines) {
      try {
        ingest(lines);
      } catch (thrown) {
        failure.reject(thrown);
      }
    },
  });
  const clock = setInterval(() => {
    const minutes = (now() - lastEventMs) / msPerMinute;
    if (facts.finished) return;
    if (!facts.reported && minutes >= timeouts.startMinutes)
      stop({ cause: 'neverReported', minutes: timeouts.startMinutes });
    if (facts.reported && minutes >= timeouts.silenceMinutes)
      stop({ cause: 'silent', minutes: timeouts.silenceMinutes });
  }, 500);
  const onAbort = () => stop({ cause: 'cancelled', reason: reasonOf(signal) });
  signal.addEventListener('abort', onAbort);

  try {
    follower.look();
    if (signal.aborted) onAbort();
    const exit: ExitReport = job === null ? { how: 'gone' } : await Promise.race([job.exited, failure.promise]);
    follower.end();
    // Gives a failure of that last look its turn.
    await Promise.race([failure.promise, Promise.resolve()]);
    const end = judgeAttempt({
      facts,
      exit,
      stopped,
      epochs: spec.epochs,
      wanted: spec.metrics,
      scale: trainer.kind === 'command' ? trainer.metricScale : 'fraction',
      log,
    });
    return { end, facts };
  } finally {
    clearInterval(clock);
    clearTimeout(linger);
    follower.stop();
    signal.removeEventListener('abort', onAbort);
  }
}

function reasonOf({ reason }: AbortSignal): string {
  return typeof reason === 'string' ? reason : 'interrupted';
}

async function settledWithin(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}

interface Deferred<T> {
  promise: Promise<T>;
  reject: (reason: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((_resolve, refuse) => {
    reject = refuse;
  });
  promise.catch(() => {});
  return { promise, reject };
}

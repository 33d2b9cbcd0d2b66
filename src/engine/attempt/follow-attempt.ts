import type { Store } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { nothingWatched, watchEpoch } from '../../domain/divergence.ts';
import type { OnProgress } from '../../domain/progress.ts';
import type { ExitReport, LaunchedJob } from '../../launcher/launcher.ts';
import type { LaunchedAttempt } from '../../protocol/event-lines.ts';
import { followEvents } from '../../protocol/follow-events.ts';
import { requestStop, runDirectoryFiles } from '../../protocol/run-directory.ts';
import type { RunSpec } from '../../protocol/run-spec.ts';
import { readRankSamples, sampleDirectory } from '../../protocol/sample-file.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';
import { cannotTrain } from '../plans/declare-capabilities.ts';
import { type AttemptFacts, addFact, noFacts } from './attempt-facts.ts';
import type { WantedParts } from './deciding-parts.ts';
import { ingestLines } from './ingest-lines.ts';
import { type AttemptEnd, judgeAttempt, type StopCause } from './judge-attempt.ts';
import { storeSamples } from './store-samples.ts';

export interface FollowAttemptOptions {
  store: Store;
  config: ResolvedStudyConfig;
  spec: Pick<RunSpec, 'studyId' | 'runId' | 'key' | 'workers' | 'epochs' | 'setting' | 'metrics'>;
  attempt: LaunchedAttempt;
  /** Which evaluations count. */
  parts: WantedParts;
  runDirectory: string;
  /** Null when no process of it is left: its events are read to the end and judged. */
  job: LaunchedJob | null;
  log: string;
  onProgress: OnProgress;
  onStarted: (event: Extract<TrainerEvent, { type: 'started' }>) => void;
  signal: AbortSignal;
  /** Was the engine only interrupted, and the study is to go on later? */
  interrupted: () => boolean;
  now: () => number;
}

export interface FollowedAttempt {
  /** Its job goes on without the engine: the attempt stays open for the next one. */
  left: boolean;
  end: AttemptEnd;
  facts: AttemptFacts;
}

/** Milliseconds between looks at what the other ranks measured. */
const samplesEveryMs = 5000;
/** Milliseconds between notes that an attempt is alive. */
const seenEveryMs = 2000;
const msPerMinute = 60_000;

/** A trainer whose first lines are unsigned has this long to sign one: until then they may be a stranger's. */
const unsignedMs = 10_000;

/** Follows an attempt until no process of it is left: stores what it reports, and stops it when it has to be stopped. */
export async function followAttempt(options: FollowAttemptOptions): Promise<FollowedAttempt> {
  const { store, config, spec, attempt, runDirectory, job, log, onProgress, onStarted, signal, interrupted, now } =
    options;
  const { timeouts, divergence, trainer } = config;
  const facts = noFacts();
  const rule = {
    ...divergence,
    warmupEpochs: spec.setting.warmupEpochs,
    epochs: spec.epochs,
    primary: spec.metrics[0] ?? '',
  };
  let watch = nothingWatched;
  let stopped: StopCause | null = null;
  let lastEventMs = now();
  let unsignedSinceMs: number | null = null;
  let linger: NodeJS.Timeout | undefined;
  const failure = deferred<never>();
  const leaving = new AbortController();

  function stop(cause: StopCause): void {
    // What a trainer cannot do counts even where it has ended already; nothing else can be stopped then.
    if (stopped !== null || (job === null && cause.cause !== 'wrongOptimizer')) return;
    stopped = cause;
    if (job !== null) endJob(job, cause).catch(failure.reject);
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
    if (facts.contradiction !== null) stop({ cause: 'contradicted', reason: facts.contradiction });
    lastEventMs = now();
    if (event.type === 'started') {
      onStarted(event);
      const reason = cannotTrain(event, spec.setting.optimizer);
      if (reason !== null) stop({ cause: 'wrongOptimizer', reason });
    }
    if (event.type === 'finished' && job !== null) {
      // It said all it had to say; whatever hangs in its teardown does not matter.
      linger ??= setTimeout(() => job.stop({ graceMs: 1000 }).catch(failure.reject), timeouts.stopSeconds * 1000);
    }
    if (event.type === 'epoch' && !facts.finished) {
      const watched = watchEpoch(watch, event, rule);
      const { reason } = watched;
      watch = watched.watch;
      if (reason !== null) stop({ cause: 'diverged', reason });
    }
  }

  let seenMs = Number.NEGATIVE_INFINITY;
  /** A sign of life: from the first to the last of them is training time. */
  function seen(): void {
    seenMs = now();
    store.batch(() => store.markAttemptSeen(attempt.name, seenMs));
  }

  const onSample = storeSamples({ store, runId: spec.runId, key: spec.key, workers: spec.workers, onProgress });
  let sampledMs = Number.NEGATIVE_INFINITY;
  function lookAtSamples(): void {
    sampledMs = now();
    const samples = readRankSamples(sampleDirectory(runDirectory, attempt.name));
    if (samples.length > 0) store.batch(() => samples.forEach(onSample));
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
    onSample,
    onEvent,
    onStranger(kind) {
      facts.strangers[kind] += 1;
      if (kind === 'unsigned') unsignedSinceMs ??= now();
    },
    onUnreadable(problem) {
      facts.unreadable ??= problem;
    },
    now,
  });
  const follower = followEvents({
    path: runDirectoryFiles(runDirectory).events,
    attempt,
    onLines(lines) {
      attemptTo(() => ingest(lines), failure.reject);
    },
  });
  let heldUp: string | null = null;
  function sayWhatHoldsUp(): void {
    const reason = job?.heldUpBy?.() ?? null;
    if (reason !== null && reason !== heldUp) onProgress({ type: 'warning', key: spec.key, message: reason });
    heldUp = reason;
  }
  const clock = setInterval(() => {
    if (now() - sampledMs >= samplesEveryMs) attemptTo(lookAtSamples, failure.reject);
    if (job?.waiting?.()) lastEventMs = now();
    else if (job !== null && now() - seenMs >= seenEveryMs) attemptTo(seen, failure.reject);
    sayWhatHoldsUp();
    const minutes = (now() - lastEventMs) / msPerMinute;
    if (facts.finished) return;
    if (!facts.reported && unsignedSinceMs !== null && now() - unsignedSinceMs >= unsignedMs)
      stop({ cause: 'unsigned' });
    if (!facts.reported && minutes >= timeouts.startMinutes)
      stop({ cause: 'neverReported', minutes: timeouts.startMinutes });
    if (facts.reported && minutes >= timeouts.silenceMinutes)
      stop({ cause: 'silent', minutes: timeouts.silenceMinutes });
  }, 500);
  const onAbort = () => {
    if (job?.outlivesEngine && interrupted()) leaving.abort();
    else stop({ cause: 'cancelled', reason: reasonOf(signal) });
  };
  signal.addEventListener('abort', onAbort);

  try {
    follower.look();
    if (signal.aborted) onAbort();
    const ended = job === null ? goneAlready : Promise.race([job.exited, failure.promise]);
    const exit = await Promise.race([ended, aborted(leaving.signal)]);
    if (exit === null) return { end: { end: 'stopped', reason: reasonOf(signal) }, facts, left: true };
    follower.end();
    if (job !== null && exit.how !== 'gone') attemptTo(seen, failure.reject);
    attemptTo(lookAtSamples, failure.reject);
    // Gives a failure of that last look its turn.
    await Promise.race([failure.promise, Promise.resolve()]);
    const end = judgeAttempt({
      facts,
      exit,
      stopped,
      parts: options.parts,
      wanted: spec.metrics,
      scale: trainer.kind === 'command' ? trainer.metricScale : 'fraction',
      log,
      embedded: trainer.kind === 'embedded',
    });
    return { end, facts, left: false };
  } finally {
    clearInterval(clock);
    clearTimeout(linger);
    follower.stop();
    signal.removeEventListener('abort', onAbort);
  }
}

function attemptTo(work: () => void, refuse: (reason: unknown) => void): void {
  try {
    work();
  } catch (thrown) {
    refuse(thrown);
  }
}

const goneAlready = Promise.resolve<ExitReport>({ how: 'gone' });

function aborted(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }));
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

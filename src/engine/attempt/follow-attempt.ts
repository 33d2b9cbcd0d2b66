import { setTimeout as delay } from 'node:timers/promises';
import type { SignsOfLife, Store } from '../../../db/index.ts';
import {
  type AttemptEvent,
  type AttemptFacts,
  type AttemptRequest,
  advanceAttempt,
  goneOnFrom,
  measuredAttempt,
  type StopRequest,
  startAttempt,
} from '../../../machines/attempt/index.ts';
import { rangePerEpoch } from '../../../schedules/range.ts';
import { metricNames } from '../../config/decision-metrics.ts';
import { messageOf } from '../../domain/errors.ts';
import type { MeasuredAttempt } from '../../domain/measured.ts';
import type { LaunchedJob } from '../../launcher/launcher.ts';
import { logOf } from '../../launcher/local/launcher.ts';
import type { LaunchedAttempt } from '../../protocol/event-lines.ts';
import { followEvents } from '../../protocol/follow-events.ts';
import { requestStop, runDirectoryFiles } from '../../protocol/run-directory.ts';
import { readRankSamples, sampleDirectory } from '../../protocol/sample-file.ts';
import { ingestLines } from './ingest-lines.ts';
import { type AttemptEnd, judgeAttempt } from './judge-attempt.ts';
import { storeSamples } from './store-samples.ts';
import type { Training } from './training.ts';

export interface FollowAttemptOptions {
  attempt: LaunchedAttempt;
  /** Null when no process of it is left: its events are read to the end and judged. */
  job: LaunchedJob | null;
}

export interface FollowedAttempt {
  /** Its job goes on without the engine: the attempt stays open for the next one. */
  left: boolean;
  end: AttemptEnd;
  facts: AttemptFacts;
  /** What it was asked and measured to be. */
  measured: MeasuredAttempt;
}

/** Milliseconds between looks at the clock, and at what the other ranks measured. */
const tickMs = 500;
const samplesEveryMs = 5000;
/** Milliseconds between notes that an attempt is alive. */
const seenEveryMs = 2000;

/**
 * Follows an attempt until no process of it is left: stores what it reports, feeds the attempt's machine with what
 * happens, and performs its requests. Rejects with what a store or a callback throws, once the job was stopped for it.
 */
export async function followAttempt(
  training: Training,
  { attempt, job }: FollowAttemptOptions,
): Promise<FollowedAttempt> {
  const { session, meaning, run, epochs, parts, runDirectory, onStarted, signal, interrupted } = training;
  const { store, config, say, now } = session;
  const { id: runId, key, workers, setting } = run;
  const { timeouts, divergence, trainer, batchPerWorker } = config;
  const [first = ''] = metricNames(config.decision);
  const rates = rangePerEpoch(training.schedule);
  const samplesPerEpoch = workers > 1 ? samplesOfOneWorker(store, run.studyId) : undefined;
  const asked = { workers, batchPerWorker, optimizer: setting.optimizer, epochs, rates, samplesPerEpoch };
  let state = startAttempt({
    epochs,
    setting,
    asked,
    // Where less is better, 0 is no breakdown.
    primary: meaning.definitions()[first]?.direction === 'higher' ? first : null,
    divergence,
    timeouts,
    outlivesEngine: job?.outlivesEngine ?? false,
    earlier: store.epochsOf(runId).filter((row) => row.attempt !== attempt.number),
    startedAtMs: now(),
  });
  const thrown: unknown[] = [];
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
      endJob(job, request).catch((reason: unknown) => {
        thrown.push(reason);
        feed({ type: 'unstoppable' });
      });
    }
  }

  async function endJob(job: LaunchedJob, { graceMs, gently }: StopRequest): Promise<void> {
    if (state.context.stopCause?.type === 'silent') busy = (await job.busyWith?.()) ?? null;
    if (gently) requestStop(runDirectory, 'autopilot stops');
    // A stranger's script looks for the stop file between epochs, but SIGTERM would end it on the spot.
    if (gently && trainer.kind === 'command')
      await Promise.race([job.exited, delay(graceMs / 2, undefined, { ref: false })]);
    await job.stop({ graceMs });
  }

  /** Around every callback: what is thrown in it ends the attempt, and nothing more is read. */
  function attemptTo(work: () => void): void {
    try {
      work();
    } catch (reason) {
      giveUp(reason);
    }
  }

  function giveUp(reason: unknown): void {
    thrown.push(reason);
    clearInterval(clock);
    follower.stop();
    feed({ type: 'failed', reason: messageOf(reason) });
  }

  /** Where its processes stand, once it was taken for hung. */
  let busy: string | null = null;
  let requeued = false;
  /** From the first to the last sign of life is training time, less what the job was back in the queue. */
  function onSeen(signs: SignsOfLife): void {
    store.markAttemptSeen(attempt.name, { ...signs, requeued });
    requeued = false;
  }

  let seenMs = Number.NEGATIVE_INFINITY;
  function seeAlive(): void {
    seenMs = now();
    store.batch(() => onSeen({ fromMs: seenMs }));
  }

  const onSample = storeSamples({ store, runId, key, workers, onProgress: say });
  let sampledMs = Number.NEGATIVE_INFINITY;
  function lookAtSamples(): void {
    sampledMs = now();
    const reported = readRankSamples(sampleDirectory(runDirectory, attempt.name));
    const samples = reported.filter(({ rank }) => rank < workers);
    if (samples.length > 0) store.batch(() => samples.forEach(onSample));
  }

  const ingest = ingestLines(training, {
    attempt,
    onSample,
    onSeen,
    onEvent(report) {
      if (report.type === 'started') onStarted(report);
      const undeclared = report.type === 'started' ? meaning.declare(report) : null;
      feed({ type: 'reported', atMs: now(), report, undeclared });
    },
    onStranger: (kind) => feed({ type: 'stranger', atMs: now(), kind }),
    onUnreadable: (problem) => feed({ type: 'unreadable', problem }),
  });
  const follower = followEvents({
    path: runDirectoryFiles(runDirectory).events,
    attempt,
    onLines: (lines) => attemptTo(() => ingest(lines)),
  });
  function tick(): void {
    if (now() - sampledMs >= samplesEveryMs) lookAtSamples();
    const waiting = job?.waiting?.() ?? false;
    if (waiting) requeued = true;
    else if (job !== null && now() - seenMs >= seenEveryMs) seeAlive();
    feed({ type: 'ticked', atMs: now(), waiting, heldUpBy: job?.heldUpBy?.() ?? null });
  }
  const clock = setInterval(() => attemptTo(tick), tickMs);
  function onAbort(): void {
    // What has ended already cannot be stopped any more: it is judged.
    if (job !== null) attemptTo(() => feed({ type: 'interrupted', reason: reasonOf(signal), resumes: interrupted() }));
  }
  signal.addEventListener('abort', onAbort);

  try {
    follower.look();
    if (signal.aborted) onAbort();
    const exit = await Promise.race([job === null ? ({ state: 'gone' } as const) : job.exited, over]);
    if (exit !== null) {
      // Its time is over, however long the reading takes.
      clearInterval(clock);
      await follower.end().catch(giveUp);
      attemptTo(() => {
        // A job that this engine never saw alive may have ended long ago: its own lines say until when it trained.
        if (Number.isFinite(seenMs)) seeAlive();
        lookAtSamples();
      });
      feed({ type: 'exited' });
    }
    if (thrown.length > 0) throw thrown[0];
    const { facts, stopCause } = state.context;
    const own = measuredAttempt(facts, asked);
    const before = facts.measured.epochs === 0 ? measuredBefore(store, runId, attempt.number) : null;
    const measured = before === null ? own : goneOnFrom(before, own);
    if (exit === null) return { end: { state: 'stopped', reason: reasonOf(signal) }, facts, measured, left: true };
    const end = judgeAttempt({
      facts,
      exit,
      stopped: stopCause,
      parts,
      understand: (reported, trivial, what) =>
        what === 'result' ? meaning.understandFrom(key, reported, trivial) : meaning.understand(reported, trivial),
      inFractions: meaning.inFractions,
      log: logOf(runDirectory, attempt.name),
      busy,
      embedded: trainer.kind === 'embedded',
    });
    return { end, facts, measured, left: false };
  } finally {
    clearInterval(clock);
    follower.stop();
    signal.removeEventListener('abort', onAbort);
  }
}

function reasonOf({ reason }: AbortSignal): string {
  return typeof reason === 'string' ? reason : 'interrupted';
}

/** What an epoch of the study's single worker was measured to pass over; undefined where nobody measured. */
function samplesOfOneWorker(store: Store, studyId: string) {
  const run = 'baseline-1';
  const { stepsPerEpoch, batchPerWorker: batch } = store.runByKey(studyId, run)?.measured ?? {};
  return stepsPerEpoch === undefined || batch === undefined
    ? undefined
    : { run, samples: stepsPerEpoch * batch, batch };
}

/** What the attempt before was measured to be; null where there was none, or nobody measured. */
function measuredBefore(store: Store, runId: string, number: number): MeasuredAttempt | null {
  return store.attemptsOf(runId).findLast((one) => one.number < number)?.measured ?? null;
}

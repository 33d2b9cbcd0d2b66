import type { Store } from '../../../db/index.ts';
import { type AttemptFacts, continuedFrom, measuredAttempt } from '../../../machines/attempt/index.ts';
import type { MeasuredAttempt } from '../../domain/measured.ts';
import type { ExitReport, LaunchedJob } from '../../launcher/launcher.ts';
import { logOf } from '../../launcher/local/launcher.ts';
import type { LaunchedAttempt } from '../../protocol/event-lines.ts';
import { followEvents } from '../../protocol/follow-events.ts';
import { runDirectoryFiles } from '../../protocol/run-directory.ts';
import { type DrivenAttempt, driveAttempt } from './drive-attempt.ts';
import { ingestLines } from './ingest-lines.ts';
import { type AttemptEnd, judgeAttempt } from './judge-attempt.ts';
import { attemptSigns } from './signs-of-life.ts';
import type { Training } from './training.ts';

export interface FollowAttemptOptions {
  attempt: LaunchedAttempt;
  /** Null if none of its processes is left: its events are then read to the end and judged. */
  job: LaunchedJob | null;
}

export interface FollowedAttempt {
  /** Whether its job continues without this engine; the attempt then stays open for the next one. */
  left: boolean;
  end: AttemptEnd;
  facts: AttemptFacts;
  /** What was asked of it and what was measured. */
  measured: MeasuredAttempt;
}

/** Milliseconds between checks of deadlines, signs of life and the ranks' samples. */
const tickMs = 500;

/**
 * Follows an attempt until none of its processes is left: stores its reports, feeds events to its machine and performs
 * the machine's requests. Rejects with whatever the store or a callback throws, once the job has been stopped.
 */
export async function followAttempt(training: Training, options: FollowAttemptOptions): Promise<FollowedAttempt> {
  const { session, meaning, runDirectory, onStarted, signal, interrupted } = training;
  const { attempt, job } = options;
  const { now } = session;
  const driven = driveAttempt(training, options);
  const { feed } = driven;
  const signs = attemptSigns(training, attempt);
  const ingest = ingestLines(training, {
    attempt,
    onSample: signs.onSample,
    onSeen: signs.onSeen,
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
  const clock = setInterval(() => attemptTo(tick), tickMs);

  /** Wraps every callback: an exception ends the attempt, and nothing more is read. */
  function attemptTo(work: () => void): void {
    try {
      work();
    } catch (reason) {
      giveUp(reason);
    }
  }

  function giveUp(reason: unknown): void {
    clearInterval(clock);
    follower.stop();
    driven.fail(reason);
  }

  function tick(): void {
    const waiting = job?.waiting?.() ?? false;
    signs.look(job === null ? null : waiting);
    feed({ type: 'ticked', atMs: now(), waiting, heldUpBy: job?.heldUpBy?.() ?? null });
  }

  function onAbort(): void {
    // Without a job the attempt has already ended: it is judged, not stopped.
    if (job !== null) attemptTo(() => feed({ type: 'interrupted', reason: reasonOf(signal), resumes: interrupted() }));
  }
  signal.addEventListener('abort', onAbort);

  try {
    follower.look();
    if (signal.aborted) onAbort();
    const exit = await Promise.race([job === null ? ({ state: 'gone' } as const) : job.exited, driven.over]);
    if (exit !== null) {
      // It has ended: deadlines no longer apply, however long reading takes.
      clearInterval(clock);
      await follower.end().catch(giveUp);
      attemptTo(signs.lookAtLast);
      feed({ type: 'exited' });
    }
    if (driven.thrown.length > 0) throw driven.thrown[0];
    return judged(training, attempt, driven, exit);
  } finally {
    clearInterval(clock);
    follower.stop();
    signal.removeEventListener('abort', onAbort);
  }
}

/** The result of an attempt; `exit` is null if its job continues without the engine. */
function judged(
  { session, meaning, run, parts, runDirectory, signal }: Training,
  attempt: LaunchedAttempt,
  { asked, state, busy }: DrivenAttempt,
  exit: ExitReport | null,
): FollowedAttempt {
  const { store, config } = session;
  const { facts, stopCause } = state().context;
  const own = measuredAttempt(facts, asked);
  const before = facts.measured.epochs === 0 ? measuredBefore(store, run.id, attempt.number) : null;
  const measured = before === null ? own : continuedFrom(before, own);
  if (exit === null) return { end: { state: 'stopped', reason: reasonOf(signal) }, facts, measured, left: true };
  const end = judgeAttempt({
    facts,
    exit,
    stopped: stopCause,
    parts,
    understand: (reported, trivial, what) =>
      what === 'result' ? meaning.understandFrom(run.key, reported, trivial) : meaning.understand(reported, trivial),
    inFractions: meaning.inFractions,
    log: logOf(runDirectory, attempt.name),
    busy: busy(),
    embedded: config.trainer.kind === 'embedded',
  });
  return { end, facts, measured, left: false };
}

function reasonOf({ reason }: AbortSignal): string {
  return typeof reason === 'string' ? reason : 'interrupted';
}

/** Measurements of the previous attempt; null if there was none, or it has no measurements. */
function measuredBefore(store: Store, runId: string, number: number): MeasuredAttempt | null {
  return store.attemptsOf(runId).findLast((one) => one.number < number)?.measured ?? null;
}

import type { Store } from '../../../db/index.ts';
import { type AttemptFacts, goneOnFrom, measuredAttempt } from '../../../machines/attempt/index.ts';
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

/**
 * Follows an attempt until no process of it is left: stores what it reports, feeds the attempt's machine with what
 * happens, and performs its requests. Rejects with what a store or a callback throws, once the job was stopped for it.
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

  /** Around every callback: what is thrown in it ends the attempt, and nothing more is read. */
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
    // What has ended already cannot be stopped any more: it is judged.
    if (job !== null) attemptTo(() => feed({ type: 'interrupted', reason: reasonOf(signal), resumes: interrupted() }));
  }
  signal.addEventListener('abort', onAbort);

  try {
    follower.look();
    if (signal.aborted) onAbort();
    const exit = await Promise.race([job === null ? ({ state: 'gone' } as const) : job.exited, driven.over]);
    if (exit !== null) {
      // Its time is over, however long the reading takes.
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

/** What an attempt came to; `exit` is null where its job goes on without the engine. */
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
  const measured = before === null ? own : goneOnFrom(before, own);
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

/** What the attempt before was measured to be; null where there was none, or nobody measured. */
function measuredBefore(store: Store, runId: string, number: number): MeasuredAttempt | null {
  return store.attemptsOf(runId).findLast((one) => one.number < number)?.measured ?? null;
}

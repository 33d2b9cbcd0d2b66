import type { Database } from 'better-sqlite3';
import type { MeasuredAttempt } from '../../src/domain/measured.ts';
import { json, pathIn } from './codecs.ts';
import { recordTable } from './record-table.ts';
import { attemptActiveMs, attemptQueuedMs } from './training-time.ts';

/** `intended` is committed before the launcher is called, so that a crash in between is detected. */
export type AttemptState = 'intended' | 'running' | 'ended';

export interface AttemptRecord {
  /** Unique in the store and carried by the started job: `<run id>.<number>.<random>`. */
  name: string;
  runId: string;
  /** 1-based within the run; fences off whatever an older attempt still writes. */
  number: number;
  launcher: string;
  /** Secret that its processes put into every line they write; null for attempts that an earlier version launched. */
  secret: string | null;
  state: AttemptState;
  /** What the launcher needs to find the job again: process id and start time, or a job id. */
  handle: Record<string, unknown> | null;
  /** Checkpoint that it resumed from. */
  resumeFrom: string | null;
  /** As reported by the trainer. */
  capabilities: Record<string, unknown> | null;
  /** Host, versions and back end as the trainer reported them. */
  environment: Record<string, unknown> | null;
  /** The trainer's measurements of itself; null before it ends and for attempts of earlier versions. */
  measured: MeasuredAttempt | null;
  /** Such as `finished`, `workersLost`, `outOfMemory`; null while it runs. */
  exitReason: string | null;
  exitMessage: string | null;
  createdMs: number;
  /** When it was launched or handed to a scheduler. */
  startedMs: number | null;
  /** When it left the queue or was first heard from. */
  beganMs: number | null;
  /** The last sign of life. */
  seenMs: number | null;
  /** Milliseconds spent requeued between signs of life. */
  requeuedMs: number | null;
  endedMs: number | null;
  /** Milliseconds spent training, and waiting in the queue. */
  activeMs: number;
  queuedMs: number;
}

export type NewAttempt = Pick<AttemptRecord, 'name' | 'runId' | 'number' | 'launcher' | 'resumeFrom' | 'createdMs'> &
  Partial<Pick<AttemptRecord, 'secret'>>;

export interface AttemptExit {
  reason: string;
  message: string | null;
  measured?: MeasuredAttempt | null;
  timeMs: number;
}

export interface SignsOfLife {
  fromMs: number;
  toMs?: number;
  requeued?: boolean;
}

/** `folder`: the store's folder; null for a store in memory. */
export function attemptTable(database: Database, folder: string | null) {
  const codecs = { handle: json, capabilities: json, environment: json, measured: json, resumeFrom: pathIn(folder) };
  const computed = { activeMs: attemptActiveMs, queuedMs: attemptQueuedMs };
  const { select, insertion, update } = recordTable<AttemptRecord>(database, 'attempt', codecs, computed);
  // A trainer's clock may not reach back before the attempt. The right-hand sides are the row's former values.
  const seen = database.prepare<{ name: string; fromMs: number; toMs: number; requeued: number }>(
    `UPDATE attempt SET began_ms = max(created_ms, min(coalesce(began_ms, @fromMs), @fromMs)),
       requeued_ms = coalesce(requeued_ms, 0) + CASE WHEN @requeued THEN max(0, @fromMs - coalesce(seen_ms, @fromMs)) ELSE 0 END,
       seen_ms = max(created_ms, coalesce(seen_ms, @toMs), @toMs)
     WHERE name = @name`,
  );
  const ofRun = select<[string]>('WHERE run_id = ? ORDER BY number');
  const insert = insertion();
  return {
    /** A run's attempts, first to last. */
    attemptsOf: (runId: string): AttemptRecord[] => ofRun.all(runId),
    insertAttempt: (attempt: NewAttempt): void => insert({ ...attempt, state: 'intended' }),
    markAttemptStarted(name: string, handle: Record<string, unknown>, timeMs: number): void {
      update({ name }, { state: 'running', handle, startedMs: timeMs });
    },
    /**
     * Records an attempt's signs of life outside the queue, from the first to the last. `requeued`: it was back in the
     * queue since the previous sign, so the time in between was not training.
     */
    markAttemptSeen(name: string, { fromMs, toMs = fromMs, requeued = false }: SignsOfLife): void {
      seen.run({ name, fromMs, toMs, requeued: requeued ? 1 : 0 });
    },
    describeAttempt(name: string, said: Pick<AttemptRecord, 'capabilities' | 'environment'>): void {
      update({ name }, said);
    },
    markAttemptEnded(name: string, { reason, message, measured = null, timeMs }: AttemptExit): void {
      update({ name }, { state: 'ended', exitReason: reason, exitMessage: message, measured, endedMs: timeMs });
    },
  };
}

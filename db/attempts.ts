import type { Database } from 'better-sqlite3';
import { decode, encodeOptional } from './json.ts';

/** `intended` is committed before the launcher is called, so that a crash in between is seen. */
export type AttemptState = 'intended' | 'running' | 'ended';

export interface AttemptRecord {
  /** Unique in the store; the started job carries it: `<run id>.<number>.<random>`. */
  name: string;
  runId: string;
  /** 1-based within the run; fences what an older attempt still writes. */
  number: number;
  launcher: string;
  state: AttemptState;
  /** What the launcher needs to find the job again: process id and start time, or a job id. */
  handle: Record<string, unknown> | null;
  /** Checkpoint it went on from. */
  resumeFrom: string | null;
  /** What the trainer said it can do. */
  capabilities: Record<string, unknown> | null;
  /** Host, versions and back end as the trainer reported them. */
  environment: Record<string, unknown> | null;
  /** Such as `finished`, `workersLost`, `outOfMemory`; null while it runs. */
  exitReason: string | null;
  exitMessage: string | null;
  createdMs: number;
  startedMs: number | null;
  endedMs: number | null;
}

interface AttemptRow {
  name: string;
  run_id: string;
  number: number;
  launcher: string;
  state: AttemptState;
  handle: string | null;
  resume_from: string | null;
  capabilities: string | null;
  environment: string | null;
  exit_reason: string | null;
  exit_message: string | null;
  created_ms: number;
  started_ms: number | null;
  ended_ms: number | null;
}

export type NewAttempt = Pick<AttemptRecord, 'name' | 'runId' | 'number' | 'launcher' | 'resumeFrom' | 'createdMs'>;

export function attemptTable(database: Database) {
  const ofRun = database.prepare<[string], AttemptRow>('SELECT * FROM attempt WHERE run_id = ? ORDER BY number');
  return {
    /** A run's attempts, first to last. */
    attemptsOf: (runId: string): AttemptRecord[] => ofRun.all(runId).map(fromRow),
    insertAttempt(attempt: NewAttempt): void {
      database
        .prepare(
          `INSERT INTO attempt (name, run_id, number, launcher, state, resume_from, created_ms)
           VALUES (@name, @runId, @number, @launcher, 'intended', @resumeFrom, @createdMs)`,
        )
        .run(attempt);
    },
    markAttemptStarted(name: string, handle: Record<string, unknown>, timeMs: number): void {
      database
        .prepare("UPDATE attempt SET state = 'running', handle = ?, started_ms = ? WHERE name = ?")
        .run(encodeOptional(handle), timeMs, name);
    },
    describeAttempt(name: string, said: { capabilities: unknown; environment: unknown }): void {
      database
        .prepare('UPDATE attempt SET capabilities = ?, environment = ? WHERE name = ?')
        .run(encodeOptional(said.capabilities), encodeOptional(said.environment), name);
    },
    markAttemptEnded(name: string, exit: { reason: string; message: string | null; timeMs: number }): void {
      database
        .prepare("UPDATE attempt SET state = 'ended', exit_reason = ?, exit_message = ?, ended_ms = ? WHERE name = ?")
        .run(exit.reason, exit.message, exit.timeMs, name);
    },
  };
}

function fromRow(row: AttemptRow): AttemptRecord {
  return {
    name: row.name,
    runId: row.run_id,
    number: row.number,
    launcher: row.launcher,
    state: row.state,
    handle: object(row.handle),
    resumeFrom: row.resume_from,
    capabilities: object(row.capabilities),
    environment: object(row.environment),
    exitReason: row.exit_reason,
    exitMessage: row.exit_message,
    createdMs: row.created_ms,
    startedMs: row.started_ms,
    endedMs: row.ended_ms,
  };
}

function object(text: string | null): Record<string, unknown> | null {
  return text === null ? null : (decode(text) as Record<string, unknown>);
}

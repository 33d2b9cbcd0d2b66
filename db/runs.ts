import type { Database } from 'better-sqlite3';
import type { Metrics } from '../src/domain/metrics.ts';
import type { Setting } from '../src/domain/setting.ts';
import type { RunKind, RunRequest } from '../src/domain/study.ts';
import type { IterationRange } from './iterations.ts';
import { decode, decodeMetrics, encode, encodeOptional } from './json.ts';

/** `stopped`: interrupted before it ended; it goes on from its last checkpoint when the study is resumed. */
export type RunState = 'pending' | 'running' | 'finished' | 'diverged' | 'failed' | 'stopped';

/** Where its numbers come from: trained by autopilot, given as a baseline, told by hand, or imported. */
export type RunOrigin = 'trained' | 'given' | 'told' | 'imported';

export interface RunRecord extends RunRequest {
  /** `<study name>.<key>`: also the name of its run directory. */
  id: string;
  studyId: string;
  seed: number;
  origin: RunOrigin;
  simulated: boolean;
  state: RunState;
  /** Why it diverged, failed or stopped. */
  reason: string | null;
  /** The final evaluation. */
  metrics: Metrics | null;
  createdMs: number;
  /** First launch. */
  startedMs: number | null;
  endedMs: number | null;
}

interface RunRow {
  id: string;
  study_id: string;
  key: string;
  kind: RunKind;
  iteration: number | null;
  repeat: number;
  workers: number;
  seed: number;
  setting: string;
  origin: RunOrigin;
  simulated: number;
  state: RunState;
  reason: string | null;
  metrics: string | null;
  created_ms: number;
  started_ms: number | null;
  ended_ms: number | null;
}

export interface NewRun extends RunRequest {
  id: string;
  studyId: string;
  seed: number;
  origin: RunOrigin;
  simulated: boolean;
  createdMs: number;
}

export interface RunEnd {
  state: RunState;
  reason: string | null;
  metrics: Metrics | null;
  timeMs: number;
}

export function runTable(database: Database) {
  const one = database.prepare<[string], RunRow>('SELECT * FROM run WHERE id = ?');
  const byKey = database.prepare<[string, string], RunRow>('SELECT * FROM run WHERE study_id = ? AND key = ?');
  const ofStudy = database.prepare<[string], RunRow>(
    'SELECT * FROM run WHERE study_id = ? ORDER BY iteration IS NOT NULL, iteration, kind, repeat',
  );
  const ofIteration = database.prepare<[string, number], RunRow>(
    'SELECT * FROM run WHERE study_id = ? AND iteration = ? ORDER BY kind, repeat',
  );
  const ofBaseline = database.prepare<[string], RunRow>(
    'SELECT * FROM run WHERE study_id = ? AND iteration IS NULL ORDER BY kind, repeat',
  );
  const ofRange = database.prepare<[string, number, number], RunRow>(
    'SELECT * FROM run WHERE study_id = ? AND iteration BETWEEN ? AND ? ORDER BY iteration, kind, repeat',
  );
  const running = database.prepare<[string], RunRow>("SELECT * FROM run WHERE study_id = ? AND state = 'running'");
  return {
    run(runId: string): RunRecord | undefined {
      const row = one.get(runId);
      return row && fromRow(row);
    },
    runByKey(studyId: string, key: string): RunRecord | undefined {
      const row = byKey.get(studyId, key);
      return row && fromRow(row);
    },
    /** A study's runs: the baseline's first, then by iteration and repeat. */
    runsOf: (studyId: string): RunRecord[] => ofStudy.all(studyId).map(fromRow),
    runsOfIteration: (studyId: string, iteration: number): RunRecord[] =>
      ofIteration.all(studyId, iteration).map(fromRow),
    /** The runs that belong to no iteration: the baseline's. */
    runsOfBaseline: (studyId: string): RunRecord[] => ofBaseline.all(studyId).map(fromRow),
    runsOfRange: (studyId: string, { from, to }: IterationRange): RunRecord[] =>
      ofRange.all(studyId, from, to).map(fromRow),
    runningRunsOf: (studyId: string): RunRecord[] => running.all(studyId).map(fromRow),
    /** Does nothing when the run is known. */
    insertRun(run: NewRun): void {
      database
        .prepare(
          `INSERT INTO run (id, study_id, key, kind, iteration, repeat, workers, seed, setting, origin, simulated, state, created_ms)
           VALUES (@id, @studyId, @key, @kind, @iteration, @repeat, @workers, @seed, @setting, @origin, @simulated, 'pending', @createdMs)
           ON CONFLICT (study_id, key) DO NOTHING`,
        )
        .run({ ...run, setting: encode(run.setting), simulated: run.simulated ? 1 : 0 });
    },
    markRunStarted(runId: string, timeMs: number): void {
      database
        .prepare("UPDATE run SET state = 'running', started_ms = coalesce(started_ms, ?), ended_ms = NULL WHERE id = ?")
        .run(timeMs, runId);
    },
    markRunEnded(runId: string, end: RunEnd): void {
      database
        .prepare('UPDATE run SET state = ?, reason = ?, metrics = ?, ended_ms = ? WHERE id = ?')
        .run(end.state, end.reason, encodeOptional(end.metrics), end.timeMs, runId);
    },
    markRunSimulated(runId: string): void {
      database.prepare('UPDATE run SET simulated = 1 WHERE id = ?').run(runId);
      database.prepare('UPDATE study SET simulated = 1 WHERE id = (SELECT study_id FROM run WHERE id = ?)').run(runId);
    },
    setRunOrigin(runId: string, origin: RunOrigin): void {
      database.prepare('UPDATE run SET origin = ? WHERE id = ?').run(origin, runId);
    },
  };
}

function fromRow(row: RunRow): RunRecord {
  return {
    id: row.id,
    studyId: row.study_id,
    key: row.key,
    kind: row.kind,
    iteration: row.iteration,
    repeat: row.repeat,
    workers: row.workers,
    seed: row.seed,
    setting: decode(row.setting) as Setting,
    origin: row.origin,
    simulated: row.simulated === 1,
    state: row.state,
    reason: row.reason,
    metrics: decodeMetrics(row.metrics),
    createdMs: row.created_ms,
    startedMs: row.started_ms,
    endedMs: row.ended_ms,
  };
}

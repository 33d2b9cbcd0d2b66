import type { Database } from 'better-sqlite3';
import type { MeasuredAttempt } from '../../src/domain/measured.ts';
import type { Metrics } from '../../src/domain/metric/metrics.ts';
import type { RunRequest } from '../../src/domain/study.ts';
import { flag, json, metrics } from './codecs.ts';
import type { IterationRange } from './iterations.ts';
import { recordTable } from './record-table.ts';
import { runActiveMs, runQueuedMs } from './training-time.ts';

/** `stopped`: interrupted before it ended; continues from its last checkpoint when the study is resumed. */
export type RunState = 'pending' | 'running' | 'finished' | 'diverged' | 'failed' | 'stopped';

/** Source of a run's numbers: trained by autopilot, given as a baseline, told by hand, or imported. */
export type RunOrigin = 'trained' | 'given' | 'told' | 'imported';

export interface RunRecord extends RunRequest {
  /** `<study name>.<key>.<8 random hex digits>`: unique, and also the name of its run directory. */
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
  /** Milliseconds of training, excluding queues and outages; the basis of budgets and costs. */
  activeMs: number;
  /** Milliseconds that its attempts spent in the queue. */
  queuedMs: number;
  /** What was requested of and measured in its last attempt; null where nothing was stored. */
  measured: MeasuredAttempt | null;
}

export type NewRun = Omit<
  RunRecord,
  'state' | 'reason' | 'metrics' | 'startedMs' | 'endedMs' | 'activeMs' | 'queuedMs' | 'measured'
>;

/** The part of an iteration's run that shows how good its setting is. */
export interface SettingRunRecord extends Pick<RunRecord, 'setting' | 'state' | 'metrics'> {
  iteration: number;
}

export interface RunEnd {
  state: RunState;
  reason: string | null;
  metrics: Metrics | null;
  timeMs: number;
}

/** SQL for the `measured` JSON of a run's last attempt, for statements on `run`. */
export const runMeasured =
  '(SELECT attempt.measured FROM attempt WHERE attempt.run_id = run.id ORDER BY attempt.number DESC LIMIT 1)';

export function runTable(database: Database) {
  const codecs = { setting: json, simulated: flag, metrics };
  const computed = { activeMs: runActiveMs, queuedMs: runQueuedMs, measured: runMeasured };
  const { select, insertion, update } = recordTable<RunRecord>(
    database,
    'run',
    { ...codecs, measured: json },
    computed,
  );
  const one = select<[string]>('WHERE id = ?');
  // Without the computed fields, which require a look at every run's attempts.
  const results = recordTable<Omit<RunRecord, keyof typeof computed>>(database, 'run', codecs).select<[string]>(
    "WHERE study_id = ? AND iteration IS NOT NULL AND kind <> 'baseline' AND state IN ('finished', 'diverged')",
  );
  const byKey = select<[string, string]>('WHERE study_id = ? AND key = ?');
  const ofStudy = select<[string]>('WHERE study_id = ? ORDER BY iteration IS NOT NULL, iteration, kind, repeat');
  const ofIteration = select<[string, number]>('WHERE study_id = ? AND iteration = ? ORDER BY kind, repeat');
  const ofBaseline = select<[string]>("WHERE study_id = ? AND iteration IS NULL AND kind = 'baseline' ORDER BY repeat");
  const ofRange = select<[string, number, number]>(
    'WHERE study_id = ? AND iteration BETWEEN ? AND ? ORDER BY iteration, kind, repeat',
  );
  const running = select<[string]>("WHERE study_id = ? AND state = 'running'");
  const insert = insertion({ conflict: 'ON CONFLICT (study_id, key) DO NOTHING' });
  return {
    /** By its id, or by `<study>.<key>`. */
    run(name: string): RunRecord | undefined {
      const dot = name.lastIndexOf('.');
      return one.get(name) ?? byKey.get(name.slice(0, Math.max(0, dot)), name.slice(dot + 1));
    },
    runByKey: (studyId: string, key: string): RunRecord | undefined => byKey.get(studyId, key),
    /** A study's runs: the baseline's first, then by iteration and repeat. */
    runsOf: (studyId: string): RunRecord[] => ofStudy.all(studyId),
    runsOfIteration: (studyId: string, iteration: number): RunRecord[] => ofIteration.all(studyId, iteration),
    /** The runs that belong to no iteration: the baseline's. */
    runsOfBaseline: (studyId: string): RunRecord[] => ofBaseline.all(studyId),
    runsOfRange: (studyId: string, { from, to }: IterationRange): RunRecord[] => ofRange.all(studyId, from, to),
    /** The iterations' runs that finished or diverged, which show how good a setting is, in no particular order. */
    settingRunsOf: (studyId: string): SettingRunRecord[] =>
      results.all(studyId).map(({ iteration, setting, state, metrics: own }) => ({
        iteration: iteration ?? 0,
        setting,
        state,
        metrics: own,
      })),
    runningRunsOf: (studyId: string): RunRecord[] => running.all(studyId),
    /** Does nothing when the run is known. */
    insertRun: (run: NewRun): void => insert({ ...run, state: 'pending' }),
    markRunStarted(runId: string, timeMs: number): void {
      database
        .prepare("UPDATE run SET state = 'running', started_ms = coalesce(started_ms, ?), ended_ms = NULL WHERE id = ?")
        .run(timeMs, runId);
    },
    markRunEnded(id: string, { timeMs, ...end }: RunEnd): void {
      update({ id }, { ...end, endedMs: timeMs });
    },
    markRunSimulated(runId: string): void {
      database.prepare('UPDATE run SET simulated = 1 WHERE id = ?').run(runId);
      database.prepare('UPDATE study SET simulated = 1 WHERE id = (SELECT study_id FROM run WHERE id = ?)').run(runId);
    },
    setRunOrigin(id: string, origin: RunOrigin): void {
      update({ id }, { origin });
    },
  };
}

import type { Database } from 'better-sqlite3';
import type { IterationAction } from '../src/domain/guideline.ts';
import { type Doubt, doubtsOf, type MeasuredAttempt, measurements } from '../src/domain/measured.ts';
import type { Metrics } from '../src/domain/metric/metrics.ts';
import type { RunKind, Verdict } from '../src/domain/study.ts';
import { decodeMetrics } from './tables/codecs.ts';
import type { IterationRange } from './tables/iterations.ts';
import { type RunOrigin, type RunState, runMeasured } from './tables/runs.ts';
import { runActiveMs } from './tables/training-time.ts';

/** What all runs of a study cost. */
export interface StudyTotals {
  runs: number;
  /** Total training time of all runs, excluding queues and outages. */
  seconds: number;
  workerHours: number;
  /** Runs whose results were taken from other studies. */
  reused: number;
  /** Runs trained ahead of their turn (`trainAhead`) whose turn has not come. */
  unclaimed: number;
  /** Training time of the unclaimed runs. */
  unclaimedSeconds: number;
  /** Rows of the iteration table with runs; an iteration and its validation count separately. */
  tried: number;
}

/** The mean of some metrics over the runs of one iteration and kind. */
export interface IterationMeans {
  iteration: number;
  kind: RunKind;
  /** In the requested order; null where no run has the metric, NaN where one reported NaN. */
  means: (number | null)[];
}

/** A run as a history table shows it. */
export interface RunResult {
  /** Null for a baseline. */
  iteration: number | null;
  kind: RunKind;
  workers: number;
  state: RunState;
  reason: string | null;
  metrics: Metrics | null;
  origin: RunOrigin;
  /** Measurements of its last attempt; null where none were stored. */
  measured: MeasuredAttempt | null;
  /** Milliseconds of training, excluding queues and outages. */
  activeMs: number;
}

/** A decision as a history table shows it. */
export interface Judgement {
  /** Null for the baseline's. */
  iteration: number | null;
  verdict: Verdict;
  reason: string;
}

/** All possible iterations. */
const everyIteration: IterationRange = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** Sums and curves over whole studies, computed without creating an object for every row. */
export function studySummary(database: Database) {
  const totals = database.prepare<[string], StudyTotals>(
    `SELECT count(*) - coalesce(sum(claims), 0) AS runs, coalesce(sum(reused AND NOT claims), 0) AS reused,
       coalesce(sum(unclaimed), 0) AS unclaimed, coalesce(sum(unclaimed * seconds), 0) AS unclaimedSeconds, coalesce(sum(seconds), 0) AS seconds, coalesce(sum(seconds * workers), 0) / 3600.0 AS workerHours,
       count(DISTINCT CASE WHEN iteration IS NOT NULL AND kind <> 'baseline' THEN iteration || kind END) AS tried
     FROM (SELECT iteration, kind, workers, origin = 'imported' AND reason LIKE 'taken from %' AS reused,
             coalesce(instr(reason, 'taken from ' || study_id || '.ahead-') = 1, 0) AS claims,
             iteration IS NULL AND kind <> 'baseline' AND NOT EXISTS
               (SELECT 1 FROM run AS claim WHERE claim.study_id = run.study_id AND instr(claim.reason, 'taken from ' || run.id) = 1)
               AS unclaimed,
             ${runActiveMs} / 1000.0 AS seconds FROM run WHERE study_id = ?)`,
  );
  const actions = database.prepare<[string], { action: IterationAction; count: number }>(
    'SELECT action, count(*) AS count FROM iteration WHERE study_id = ? GROUP BY action ORDER BY min(number)',
  );
  const confirmed = database
    .prepare<[string], number>(
      "SELECT iteration FROM decision WHERE study_id = ? AND verdict = 'confirmed' AND iteration IS NOT NULL ORDER BY sequence DESC LIMIT 1",
    )
    .pluck();
  type Stored = { metrics: string | null; measured: string | null };
  const results = database.prepare<[string, number, number], Omit<RunResult, keyof Stored> & Stored>(
    `SELECT iteration, kind, workers, state, reason, metrics, origin, ${runMeasured} AS measured, ${runActiveMs} AS activeMs
     FROM run WHERE study_id = ? AND iteration BETWEEN ? AND ? ORDER BY iteration, kind, repeat`,
  );
  const judgements = database.prepare<[string, number, number], Judgement>(
    'SELECT iteration, verdict, reason FROM decision WHERE study_id = ? AND iteration BETWEEN ? AND ? ORDER BY sequence',
  );
  type Doubtful = { workers: number; unmeasured: string | null; stoppedAfter: number | null };
  // A reused run is as doubtful as the run it was taken from, which an archive may not include.
  const doubtful = database.prepare<{ studyId: string }, Doubtful>(
    `WITH taken AS (SELECT run_key, json_extract(payload, '$.from') AS run_id FROM event
       WHERE study_id = @studyId AND type = 'cell.reused')
     SELECT workers, json_extract(${runMeasured}, '$.unmeasured') AS unmeasured,
       json_extract(${runMeasured}, '$.stoppedAfter') AS stoppedAfter
     FROM run WHERE (study_id = @studyId OR id IN (SELECT run_id FROM taken)) AND origin = 'trained' AND state = 'finished'
     UNION
     SELECT workers, coalesce(json_extract(payload, '$.unmeasured'), '[]'), json_extract(payload, '$.stoppedAfter')
     FROM taken JOIN event USING (run_key) JOIN run ON run.study_id = event.study_id AND run.key = event.run_key
     WHERE event.study_id = @studyId AND event.type = 'run.finished'`,
  );
  return {
    /** Why finished runs may differ from what was requested; unknown for runs that an earlier version stored. */
    doubtsOf: (studyId: string): Doubt[] =>
      doubtsOf(
        doubtful.all({ studyId }).map(({ workers, unmeasured, stoppedAfter }) => ({
          workers,
          unmeasured: measurements.filter((name) => unmeasured?.includes(JSON.stringify(name)) ?? true),
          stoppedAfter: stoppedAfter ?? undefined,
        })),
      ),
    /** Results of the iterations' runs in iteration order, an iteration's own runs before its validations. */
    runResultsOf: (studyId: string, { from, to } = everyIteration): RunResult[] =>
      results.all(studyId, from, to).map((row) => ({
        ...row,
        metrics: decodeMetrics(row.metrics),
        measured: row.measured === null ? null : JSON.parse(row.measured),
      })),
    /** Decisions on the iterations, in the order in which they were made. */
    judgementsOf: (studyId: string, { from, to } = everyIteration): Judgement[] => judgements.all(studyId, from, to),
    totalsOf: (studyId: string): StudyTotals =>
      totals.get(studyId) ?? {
        runs: 0,
        reused: 0,
        unclaimed: 0,
        unclaimedSeconds: 0,
        seconds: 0,
        workerHours: 0,
        tried: 0,
      },
    /** How often each action was taken, in order of first use. */
    actionCountsOf: (studyId: string): { action: IterationAction; count: number }[] => actions.all(studyId),
    /** The most recently confirmed iteration; null if there is none. */
    confirmedIterationOf: (studyId: string): number | null => confirmed.get(studyId) ?? null,
    /** Every iteration's means, in order, an iteration's own runs before its validations. */
    iterationMeansOf(studyId: string, metrics: readonly string[]): IterationMeans[] {
      const columns = metrics.map(() => 'json_extract(metrics, ?)').join(', ');
      const paths = metrics.map((name) => `$.${JSON.stringify(name)}`);
      const rows = database
        .prepare<string[], [number, RunKind, ...(number | string | null)[]]>(
          `SELECT iteration, kind${columns === '' ? '' : `, ${columns}`} FROM run
           WHERE study_id = ? AND iteration IS NOT NULL AND kind <> 'baseline' ORDER BY iteration, repeat`,
        )
        .raw()
        .all(...paths, studyId);
      return meansOf(rows);
    },
  };
}

/**
 * Averages the rows of the same iteration and kind. Rows arrive in index order, which needs no sorting: those of an
 * iteration are adjacent, with its kinds mixed. NaN is stored as text, which Number reads.
 */
function meansOf(rows: readonly [number, RunKind, ...(number | string | null)[]][]): IterationMeans[] {
  const means: IterationMeans[] = [];
  let counts: number[][] = [];
  let first = 0;
  for (const [iteration, kind, ...values] of rows) {
    if (means[first]?.iteration !== iteration) {
      first = means.length;
      counts = [];
    }
    let at = first;
    while (at < means.length && means[at]!.kind !== kind) at += 1;
    if (at === means.length) means.push({ iteration, kind, means: values.map(() => null) });
    const own = means[at]!.means;
    counts[at - first] ??= values.map(() => 0);
    const ofKind = counts[at - first]!;
    for (const [metric, value] of values.entries()) {
      if (value === null) continue;
      const n = (ofKind[metric] ?? 0) + 1;
      ofKind[metric] = n;
      const before = own[metric] ?? 0;
      own[metric] = before + (Number(value) - before) / n;
    }
  }
  return means.sort((a, b) => a.iteration - b.iteration || (a.kind < b.kind ? -1 : 1));
}

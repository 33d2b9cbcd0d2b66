import type { Database } from 'better-sqlite3';
import type { IterationAction } from '../src/domain/guideline.ts';
import type { RunKind } from '../src/domain/study.ts';

/** What all runs of a study cost. */
export interface StudyTotals {
  runs: number;
  /** Wall-clock time, added up. */
  seconds: number;
  workerHours: number;
  /** Rows of the iteration table with runs: trained iterations, and validations apart. */
  tried: number;
}

/** The mean of some metrics over the runs of one iteration and kind. */
export interface IterationMeans {
  iteration: number;
  kind: RunKind;
  /** In the order asked for; null where no run has the metric, NaN where one said so. */
  means: (number | null)[];
}

/** Sums and curves over whole studies, computed where the rows are: they cost no object per row. */
export function studySummary(database: Database) {
  const totals = database.prepare<{ studyId: string; nowMs: number }, StudyTotals>(
    `SELECT count(*) AS runs, coalesce(sum(seconds), 0) AS seconds, coalesce(sum(seconds * workers), 0) / 3600.0 AS workerHours,
       count(DISTINCT CASE WHEN iteration IS NOT NULL THEN iteration || kind END) AS tried
     FROM (SELECT iteration, kind, workers,
             CASE WHEN started_ms IS NULL THEN 0 ELSE max(0, coalesce(ended_ms, @nowMs) - started_ms) / 1000.0 END AS seconds
           FROM run WHERE study_id = @studyId)`,
  );
  const actions = database.prepare<[string], { action: IterationAction; count: number }>(
    'SELECT action, count(*) AS count FROM iteration WHERE study_id = ? GROUP BY action ORDER BY min(number)',
  );
  const confirmed = database
    .prepare<[string], number>(
      "SELECT iteration FROM decision WHERE study_id = ? AND verdict = 'confirmed' AND iteration IS NOT NULL ORDER BY sequence DESC LIMIT 1",
    )
    .pluck();
  return {
    totalsOf(studyId: string, nowMs: number): StudyTotals {
      return totals.get({ studyId, nowMs }) ?? { runs: 0, seconds: 0, workerHours: 0, tried: 0 };
    },
    /** How often each action was taken, in the order of its first use. */
    actionCountsOf: (studyId: string): { action: IterationAction; count: number }[] => actions.all(studyId),
    /** The iteration that was confirmed last. */
    confirmedIterationOf: (studyId: string): number | null => confirmed.get(studyId) ?? null,
    /** Every iteration's means, in order, validations after the iteration's own runs. */
    iterationMeansOf(studyId: string, metrics: readonly string[]): IterationMeans[] {
      const columns = metrics.map(() => 'json_extract(metrics, ?)').join(', ');
      const paths = metrics.map((name) => `$.${JSON.stringify(name)}`);
      const rows = database
        .prepare<string[], [number, RunKind, ...(number | string | null)[]]>(
          `SELECT iteration, kind${columns === '' ? '' : `, ${columns}`} FROM run
           WHERE study_id = ? AND iteration IS NOT NULL ORDER BY iteration, kind`,
        )
        .raw()
        .all(...paths, studyId);
      return meansOf(rows, metrics.length);
    },
  };
}

/** Averages neighbouring rows of the same iteration and kind. NaN is stored as text, which Number reads. */
function meansOf(rows: readonly [number, RunKind, ...(number | string | null)[]][], metrics: number): IterationMeans[] {
  const means: IterationMeans[] = [];
  let counts: number[] = [];
  for (const [iteration, kind, ...values] of rows) {
    let current = means.at(-1);
    if (current?.iteration !== iteration || current.kind !== kind) {
      current = { iteration, kind, means: new Array<number | null>(metrics).fill(null) };
      counts = new Array<number>(metrics).fill(0);
      means.push(current);
    }
    for (let at = 0; at < metrics; at += 1) {
      const value = values[at];
      if (value === null || value === undefined) continue;
      const n = (counts[at] ?? 0) + 1;
      counts[at] = n;
      const before = current.means[at] ?? 0;
      current.means[at] = before + (Number(value) - before) / n;
    }
  }
  return means;
}

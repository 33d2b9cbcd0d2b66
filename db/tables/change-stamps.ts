import type { Database } from 'better-sqlite3';

/**
 * Short texts that change whenever a page's content does. Looking up a stamp is far cheaper than reading the rows and,
 * unlike SQLite's data_version, it stays the same while an engine only renews its lease or trains another study.
 */
export function changeStamps(database: Database) {
  const ofStudy = database
    .prepare<{ studyId: string }, string>(
      `SELECT concat_ws('.', updated_ms, outcome,
         (SELECT max(sequence) FROM event WHERE study_id = @studyId),
         (SELECT max(number) FROM iteration WHERE study_id = @studyId),
         (SELECT count(*) || '-' || max(time_ms) FROM note WHERE study_id = @studyId),
         (SELECT count(*) || '-' || total(ended_ms) || '-' || group_concat(CASE state WHEN 'running'
            THEN key || ':' || coalesce((SELECT max(epoch) FROM epoch WHERE run_id = run.id), 0) END)
          FROM run WHERE study_id = @studyId))
       FROM study WHERE id = @studyId`,
    )
    .pluck();
  const ofRun = database
    .prepare<{ runId: string }, string>(
      `SELECT concat_ws('.', state, ended_ms,
         (SELECT epoch || '-' || time_ms FROM epoch WHERE run_id = @runId ORDER BY epoch DESC LIMIT 1),
         (SELECT max(time_ms) FROM system_sample WHERE run_id = @runId),
         (SELECT count(*) || '-' || max(time_ms) FROM artifact WHERE run_id = @runId),
         (SELECT group_concat(number || state) FROM attempt WHERE run_id = @runId))
       FROM run WHERE id = @runId`,
    )
    .pluck();
  return {
    /** Covers everything on a study's page, including the progress of its running runs. Null for an unknown study. */
    stampOfStudy: (studyId: string): string | null => ofStudy.get({ studyId }) ?? null,
    /** Covers everything on a run's page. Null for an unknown run. */
    stampOfRun: (runId: string): string | null => ofRun.get({ runId }) ?? null,
  };
}

import { openStore } from '../../../db/index.ts';
import { addRow, type Rows, type SealedRow } from '../../../db/journal/repair.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { storedConfig } from '../../config/stored.ts';
import { messageOf } from '../../domain/errors.ts';
import { count } from '../../domain/text/format.ts';
import { openStudy } from '../study/open-study.ts';
import { adoptRun, foundRun, reopenRun, resultOf } from './adopt-runs.ts';

export interface CompleteOptions {
  rows: Rows;
  id: string;
  /** The project folder. */
  project: string;
  /** The folders below `runs`. */
  folders: readonly string[];
  /** Config of a study that has no row. */
  config: ResolvedStudyConfig | null;
}

export interface Completed {
  /** What was recreated from sources other than its own row, in words. */
  made: string[];
  lost: string[];
}

/** Recreates missing rows from the other rows, the run directories and a config. */
export function completeRows({ rows, id, project, folders, config }: CompleteOptions): Completed {
  const made: string[] = [];
  const lost: string[] = [];
  const unresolved = new Set<string>();
  const studies = () => new Set([...(rows.get('study')?.keys() ?? [])].map((key) => String(JSON.parse(key)[0])));

  for (const { study_id: study, type, payload, time_ms: timeMs } of rows.get('event')?.values() ?? []) {
    if (type !== 'study.created' || studies().has(String(study))) continue;
    try {
      const { config: stored } = JSON.parse(String(payload));
      const created = storedConfig({ name: String(study), config: stored, directory: project });
      addStudy(rows, { config: created, project, timeMs: Number(timeMs), log: false });
      made.push(`the study ${study}, from the event that says how it was created`);
    } catch (thrown) {
      lost.push(`the study ${study} (its config cannot be read: ${messageOf(thrown)})`);
    }
  }
  if (config !== null && !studies().has(config.name)) {
    addStudy(rows, { config, project, timeMs: Date.now(), log: true });
    made.push(`the study ${config.name}, from its config`);
  }

  const known = new Set([...(rows.get('run')?.values() ?? [])].map((run) => String(run.id)));
  const keys = new Set([...(rows.get('run')?.values() ?? [])].map((run) => `${run.study_id}.${run.key}`));
  for (const found of folders.flatMap((folder) => foundRun(folder) ?? [])) {
    const { runId, studyId, key, store } = found.spec;
    if (known.has(runId) || (store !== undefined && store.id !== id)) continue;
    if (!studies().has(studyId)) {
      lost.push(`the run ${runId}: nothing describes its study "${studyId}". Name its config: --config study.yaml`);
    } else if (keys.has(`${studyId}.${key}`)) {
      lost.push(`the run ${runId}: its study already has another run ${key}`);
    } else {
      adoptRun(rows, found);
      keys.add(`${studyId}.${key}`);
      const unread = resultOf(rows, found.spec) === null;
      if (unread) unresolved.add(studyId);
      const judged = unread ? '; resume reads its result there' : '';
      made.push(`the run ${runId}, from its directory${judged}`);
    }
  }

  for (const run of [...(rows.get('run')?.values() ?? [])]) {
    const ended = run.state === 'finished' || run.state === 'diverged';
    if (!ended || run.origin !== 'trained' || resultOf(rows, specOf(run)) !== null) continue;
    const again = [run, ...takeBackSince(rows, run)];
    for (const one of again) reopenRun(rows, one);
    unresolved.add(String(run.study_id));
    made.push(
      `the result of the run ${run.id}, which the event log has lost: resume reads it from its directory${again.length > 1 ? `, like those of ${count(again.length - 1, 'run')} that ended later` : ''}`,
    );
  }
  for (const id of unresolved) {
    const study = rows.get('study')?.get(JSON.stringify([id]));
    if (study) addRow(rows, 'study', { ...study, outcome: null, reason: null, ended_ms: null });
  }
  cutDecisions(rows);
  return { made, lost };
}

function specOf(run: SealedRow): { studyId: string; key: string } {
  return { studyId: String(run.study_id), key: String(run.key) };
}

/** Removes what the study learnt since a run ended, so that it learns it in the same order again. Returns the runs. */
function takeBackSince(rows: Rows, { id, study_id: study, ended_ms: since }: SealedRow): SealedRow[] {
  const events = rows.get('event') ?? new Map<string, SealedRow>();
  const keys = new Set<unknown>();
  for (const [at, { study_id: of, type, run_key: key, time_ms: timeMs }] of events) {
    const later = of === study && Number(timeMs) >= Number(since);
    if (!later || !['run.finished', 'run.diverged', 'run.failed', 'budget.spent'].includes(String(type))) continue;
    events.delete(at);
    keys.add(key);
  }
  return [...(rows.get('run')?.values() ?? [])].filter(
    (run) => run.study_id === study && run.id !== id && run.origin === 'trained' && keys.has(run.key),
  );
}

interface StudyOptions {
  config: ResolvedStudyConfig;
  project: string;
  timeMs: number;
  /** Whether to add its events, too. */
  log: boolean;
}

/** Adds the rows of a new study. */
function addStudy(rows: Rows, { config, project, timeMs, log }: StudyOptions): void {
  const store = openStore({ path: ':memory:' });
  const { id } = openStudy({ store, config, directory: project, now: () => timeMs });
  for (const { table, row } of store.rawRowsOf(id)) {
    if (table === 'study') addRow(rows, table, row);
    if (table === 'event' && log) addRow(rows, table, { ...row, sequence: nextEvent(rows) });
  }
  store.close();
}

function nextEvent(rows: Rows): number {
  let last = 0;
  for (const { sequence } of rows.get('event')?.values() ?? []) last = Math.max(last, Number(sequence));
  return last + 1;
}

/** Drops decisions after a gap or a missing event, since each builds on the one before. */
function cutDecisions(rows: Rows): void {
  const decisions = rows.get('decision');
  if (decisions === undefined) return;
  const events = new Set([...(rows.get('event')?.values() ?? [])].map(({ sequence }) => sequence));
  const next = new Map<unknown, number>();
  const sorted = [...decisions].sort(([, a], [, b]) => Number(a.sequence) - Number(b.sequence));
  for (const [key, { study_id: study, sequence, event_sequence: event }] of sorted) {
    const wanted = next.get(study) ?? 1;
    if (sequence === wanted && events.has(event)) next.set(study, wanted + 1);
    else decisions.delete(key);
  }
}

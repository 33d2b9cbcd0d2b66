import type { AttemptRecord, DecisionRecord, EpochRecord, RunRecord, Store, StudyRecord } from '../../db/index.ts';
import { AutopilotError } from '../domain/errors.ts';
import { nearest } from '../domain/nearest.ts';
import { type HistoryRow, studyHistory } from './history.ts';

/** One run with everything stored about it. */
export interface ShownRun {
  run: RunRecord;
  epochs: EpochRecord[];
  attempts: AttemptRecord[];
}

/** What `autopilot show` prints: an iteration (or the baseline) with its runs and decisions, or one run. */
export interface Shown {
  study: string;
  simulated: boolean;
  metrics: string[];
  /** `baseline`, `iteration 3`, or a run's key. */
  what: string;
  rows: HistoryRow[];
  runs: ShownRun[];
  decisions: DecisionRecord[];
}

export interface ShowOptions {
  store: Store;
  study: StudyRecord;
  /** An iteration's number, `baseline`, a run's key or its id. Left out: the last iteration (the baseline before one). */
  part?: string | undefined;
  nowMs: number;
}

export function shownPart({ store, study, part, nowMs }: ShowOptions): Shown {
  const history = studyHistory(store, study, nowMs);
  const runs = store.runsOf(study.id);
  const decisions = store.decisionsOf(study.id);
  const wanted = part ?? String(history.iterations.at(-1)?.iteration ?? 'baseline');
  const shared = { study: study.name, simulated: study.simulated, metrics: history.metrics };
  const full = (run: RunRecord): ShownRun => ({
    run,
    epochs: store.epochsOf(run.id),
    attempts: store.attemptsOf(run.id),
  });
  if (wanted === 'baseline' || /^\d+$/.test(wanted)) {
    const number = wanted === 'baseline' ? null : Number(wanted);
    const rows = [...(history.baseline ? [history.baseline] : []), ...history.iterations].filter(
      ({ iteration }) => iteration === number,
    );
    if (rows.length === 0) throw noPart(study.name, wanted, partNames(history.iterations, runs));
    return {
      ...shared,
      what: number === null ? 'baseline' : `iteration ${number}`,
      rows,
      runs: runs.filter(({ iteration }) => iteration === number).map(full),
      decisions: decisions.filter(({ iteration }) => iteration === number),
    };
  }
  const run = runs.find(({ id, key }) => key === wanted || id === wanted);
  if (run === undefined) throw noPart(study.name, wanted, partNames(history.iterations, runs));
  const rows = [history.baseline, ...history.iterations].filter(
    (row): row is HistoryRow => row !== null && row.iteration === run.iteration && row.kind === run.kind,
  );
  const judged = decisions.filter(({ iteration }) => iteration === run.iteration);
  return { ...shared, what: run.key, rows, runs: [full(run)], decisions: judged };
}

function partNames(iterations: readonly HistoryRow[], runs: readonly RunRecord[]): string[] {
  return ['baseline', ...new Set(iterations.map(({ iteration }) => String(iteration))), ...runs.map(({ key }) => key)];
}

function noPart(study: string, wanted: string, known: readonly string[]): AutopilotError {
  const similar = nearest(wanted, known);
  const numbers = known.filter((name) => /^\d+$/.test(name));
  const range = numbers.length > 0 ? `iterations ${numbers[0]} to ${numbers.at(-1)}, ` : '';
  const fix =
    similar !== null && !/^\d+$/.test(wanted)
      ? `Did you mean "${similar}"?`
      : `There are ${range}"baseline", and runs by key (${known.slice(-3).join(', ')}).`;
  return new AutopilotError('study.noSuchPart', `${study} has no iteration or run "${wanted}". ${fix}`);
}

import type { IterationRecord, RunRecord, Store, StudyRecord } from '../../db/index.ts';
import type { IterationAction } from '../domain/guideline.ts';
import type { Verdict } from '../domain/study.ts';
import { type HistoryRow, studyHistory } from './history.ts';

/** What one action of the guideline has come to, over all studies that were looked at. */
export interface ActionStatistics {
  action: IterationAction;
  /** Studies that tried it at least once. */
  studies: number;
  /** Iterations with a result. */
  tried: number;
  /** Its iteration improved on the one before, or came close enough to the baseline to be validated. */
  helped: number;
  /** Its setting was confirmed, in its own iteration or in those that validated it: the study ended with `noLoss`. */
  ledToGoal: number;
  diverged: number;
  /** Mean change of the primary metric against the iteration that its setting came from (fraction); null without one. */
  meanGain: number | null;
  /** Runs trained for it, validations of its setting included. */
  runs: number;
  /** Workers × hours of these runs. */
  workerHours: number;
}

export interface StudyStatistics {
  studies: number;
  /** By outcome; `notEnded` for those still open. */
  outcomes: Record<string, number>;
  /** True when any of the studies is simulated. */
  simulated: boolean;
  baseline: { runs: number; workerHours: number };
  actions: ActionStatistics[];
}

export interface StudyOf {
  store: Store;
  study: StudyRecord;
}

/** Verdicts of a result that came close enough to the baseline to be validated. */
const closeEnough: ReadonlySet<Verdict> = new Set(['reached', 'undecided', 'confirmed', 'notConfirmed']);
const telling: ReadonlySet<Verdict> = new Set([...closeEnough, 'improved', 'degraded', 'diverged']);

/** How often each action was tried, helped and led to the goal, and what it cost. */
export function actionStatistics(all: readonly StudyOf[]): StudyStatistics {
  const actions = new Map<IterationAction, ActionStatistics & { gains: number[]; names: Set<string> }>();
  const outcomes: Record<string, number> = {};
  const baseline = { runs: 0, workerHours: 0 };
  for (const { store, study } of all) {
    const outcome = study.outcome ?? 'notEnded';
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const runs = store.runsOf(study.id).filter(isTrained);
    const cost = costOf(runs.filter(({ kind }) => kind === 'baseline'));
    baseline.runs += cost.runs;
    baseline.workerHours += cost.workerHours;
    const history = studyHistory(store, study);
    const iterations = store.iterationsOf(study.id);
    const primary = history.metrics[0] ?? 'dice';
    const means = new Map(firstRows(history.iterations).map((row) => [row.iteration, row.metrics[primary]?.mean]));
    const validations = validationsByIteration(iterations);
    let first = true;
    for (const { number, action, parent } of iterations) {
      if (action === 'validate') continue;
      const rows = history.iterations.filter(({ iteration }) => iteration === number);
      const own = verdictsOf(store, study, number);
      if (rows.every(({ state }) => state === 'notTrained') || !own.some((verdict) => telling.has(verdict))) continue;
      const repeated = validations.get(number) ?? [];
      const judged = [...own, ...repeated.flatMap((each) => verdictsOf(store, study, each))];
      const entry = entryOf(actions, action);
      entry.names.add(`${store.path}#${study.id}`);
      entry.tried += 1;
      // The first result has nothing before it that it could be better than.
      if (judged.some((verdict) => closeEnough.has(verdict)) || (!first && own.includes('improved'))) entry.helped += 1;
      if (judged.includes('confirmed')) entry.ledToGoal += 1;
      if (judged.includes('diverged')) entry.diverged += 1;
      first = false;
      const [value, before] = [means.get(number), parent === null ? undefined : means.get(parent)];
      if (value !== undefined && before !== undefined) entry.gains.push(value - before);
      const spent = costOf(
        runs.filter(({ iteration }) => iteration === number || (iteration !== null && repeated.includes(iteration))),
      );
      entry.runs += spent.runs;
      entry.workerHours += spent.workerHours;
    }
  }
  return {
    studies: all.length,
    outcomes,
    simulated: all.some(({ study }) => study.simulated),
    baseline,
    actions: [...actions.values()].map(({ gains, names, ...entry }) => ({
      ...entry,
      studies: names.size,
      meanGain: gains.length === 0 ? null : gains.reduce((sum, gain) => sum + gain, 0) / gains.length,
    })),
  };
}

/** By iteration, the later ones that validated its setting: what they found and cost is its action's doing. */
function validationsByIteration(iterations: readonly IterationRecord[]): Map<number, number[]> {
  const hosts = new Map<number, number>();
  const validations = new Map<number, number[]>();
  for (const { number, action, parent } of iterations) {
    const host = action === 'validate' && parent !== null ? (hosts.get(parent) ?? parent) : number;
    hosts.set(number, host);
    if (host !== number) validations.set(host, [...(validations.get(host) ?? []), number]);
  }
  return validations;
}

function verdictsOf(store: Store, study: StudyRecord, iteration: number): Verdict[] {
  return store.decisionsOfIteration(study.id, iteration).map(({ verdict }) => verdict);
}

/** The iteration's own row, not that of its validation. */
function firstRows(rows: readonly HistoryRow[]): HistoryRow[] {
  return rows.filter(({ kind }) => kind === 'iteration');
}

function entryOf(
  actions: Map<IterationAction, ActionStatistics & { gains: number[]; names: Set<string> }>,
  action: IterationAction,
) {
  const known = actions.get(action);
  if (known !== undefined) return known;
  const counts = { studies: 0, tried: 0, helped: 0, ledToGoal: 0, diverged: 0, runs: 0, workerHours: 0 };
  const entry = { action, ...counts, meanGain: null, gains: [], names: new Set<string>() };
  actions.set(action, entry);
  return entry;
}

function isTrained({ origin, startedMs }: RunRecord): boolean {
  return origin === 'trained' && startedMs !== null;
}

function costOf(runs: readonly RunRecord[]): { runs: number; workerHours: number } {
  const milliseconds = runs.reduce((sum, { workers, activeMs }) => sum + workers * activeMs, 0);
  return { runs: runs.length, workerHours: milliseconds / 3_600_000 };
}

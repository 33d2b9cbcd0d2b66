import type {
  IterationMeans,
  IterationRange,
  Judgement,
  RunRecord,
  RunResult,
  Store,
  StudyRecord,
  StudyTotals,
} from '../../db/index.ts';
import type { IterationAction } from '../domain/guideline.ts';
import { defaultDecisionMetrics } from '../domain/metrics.ts';
import type { Setting } from '../domain/setting.ts';
import type { RunKind, StudyOutcome, Verdict } from '../domain/study.ts';
import { type SettingChange, settingChanges } from './setting-text.ts';
import { type Summary, summarize } from './summarize.ts';

/** Where the runs behind a row stand; `notTrained`: an iteration without runs (iteration 0 above the threshold). */
export type RowState = 'notTrained' | RunRecord['state'];

/** A row of the thesis's tables 6.1 to 6.10. */
export interface HistoryRow {
  /** Null for the baseline. */
  iteration: number | null;
  kind: RunKind;
  action: IterationAction | null;
  setting: Setting | null;
  /** Against the setting of the iteration it started from; against the baseline's without one. */
  changes: SettingChange[];
  workers: number;
  /** Runs with metrics behind the numbers. */
  runs: number;
  /** By metric: mean over the runs, spread, difference of the mean to the baseline's. */
  metrics: Record<string, Summary & { difference: number | null }>;
  state: RowState;
  verdict: Verdict | null;
  /** The decision's sentence, or why the run did not finish. */
  reason: string | null;
  /** Wall-clock time of its runs, added up. */
  seconds: number;
  /** Workers × hours, added up. */
  workerHours: number;
}

export interface StudyHistory {
  study: string;
  workers: number;
  epochs: number;
  simulated: boolean;
  /** Names of the decision metrics, the primary first. */
  metrics: string[];
  outcome: StudyOutcome | null;
  reason: string | null;
  /** Null before the first baseline run. */
  baseline: HistoryRow | null;
  iterations: HistoryRow[];
  /** The confirmed iteration of a study that ended with `noLoss`, else the one with the highest primary metric. */
  best: HistoryRow | null;
  /** The highest iteration number, whether or not it is among `iterations`; null before the first. */
  lastIteration: number | null;
  /** Over the whole study. */
  totals: StudyTotals;
}

export interface HistoryOptions {
  /** Lists only these iterations. Totals and the best are the whole study's all the same. */
  range?: IterationRange | undefined;
  /** The means of the decision metrics of every iteration, where they are at hand: they tell the best. */
  means?: readonly IterationMeans[] | undefined;
}

/** Everything `autopilot history` prints. */
export function studyHistory(store: Store, study: StudyRecord, { range, means }: HistoryOptions = {}): StudyHistory {
  const metrics = decisionMetrics(study.config);
  const baseline = baselineRow({ store, study, metrics });
  const parts = { store, study, metrics, baseline };
  const best = means ? highest(means) : store.bestIterationOf(study.id, metrics[0] ?? 'dice');
  const iterations = iterationRows(parts, range);
  return {
    study: study.name,
    workers: study.workers,
    epochs: study.epochs,
    simulated: study.simulated,
    metrics,
    outcome: study.outcome,
    reason: study.reason,
    baseline,
    iterations,
    best: bestRow(parts, best, range === undefined ? iterations : null),
    lastIteration: store.lastIterationOf(study.id),
    totals: store.totalsOf(study.id),
  };
}

/** The last so many iterations of a study. */
export function lastIterations(store: Store, study: StudyRecord, many: number): IterationRange {
  const to = store.lastIterationOf(study.id) ?? 0;
  return { from: Math.max(0, to - many + 1), to };
}

interface HistoryParts {
  store: Store;
  study: StudyRecord;
  metrics: readonly string[];
  baseline: HistoryRow | null;
}

function baselineRow({ store, study, metrics }: Omit<HistoryParts, 'baseline'>): HistoryRow | null {
  const runs = store.runsOfBaseline(study.id).filter(({ kind }) => kind === 'baseline');
  const [first] = runs;
  if (first === undefined) return null;
  const baseline = row({
    metrics,
    baseline: null,
    iteration: null,
    kind: 'baseline',
    action: null,
    setting: first.setting,
    parentSetting: null,
    workers: first.workers,
    runs,
    decision: store.decisionsOfBaseline(study.id)[0],
  });
  spreadAsGiven(baseline, study.config);
  return baseline;
}

function iterationRows(
  { store, study, metrics, baseline }: HistoryParts,
  range: IterationRange | undefined,
): HistoryRow[] {
  const iterations = range ? store.iterationsOfRange(study.id, range) : store.iterationsOf(study.id);
  const settings = new Map(iterations.map(({ number, setting }) => [number, setting]));
  const settingOf = (number: number): Setting | undefined => {
    if (!settings.has(number)) {
      const found = store.iteration(study.id, number);
      if (found) settings.set(number, found.setting);
    }
    return settings.get(number);
  };
  const iterationOf = ({ iteration }: { iteration: number | null }) => iteration;
  const runsOf = groupBy(store.runResultsOf(study.id, range), iterationOf);
  const decisionsOf = groupBy(store.judgementsOf(study.id, range), iterationOf);
  return iterations.flatMap(({ number, action, parent, setting }) => {
    const own = runsOf.get(number) ?? [];
    const judged = decisionsOf.get(number) ?? [];
    const kinds = (['iteration', 'validation'] as const).filter((kind) => own.some((run) => run.kind === kind));
    const groups = kinds.length > 0 ? kinds : (['iteration'] as const);
    return groups.map((kind, index) =>
      row({
        metrics,
        baseline,
        iteration: number,
        kind,
        setting,
        action: kind === 'validation' ? 'validate' : action,
        parentSetting:
          index > 0 ? setting : ((parent === null ? undefined : settingOf(parent)) ?? baseline?.setting ?? null),
        workers: own[0]?.workers ?? study.workers,
        runs: groups.length === 1 ? own : own.filter((run) => run.kind === kind),
        decision: index === groups.length - 1 ? judged.at(-1) : judged[0],
      }),
    );
  });
}

/** `highest`: the iteration with the highest primary metric. `rows`: all rows of the study, where they are at hand. */
function bestRow(
  parts: HistoryParts,
  highest: Pick<IterationMeans, 'iteration' | 'kind'> | null,
  rows: readonly HistoryRow[] | null,
): HistoryRow | null {
  const { store, study } = parts;
  const rowsOf = (number: number) =>
    rows?.filter(({ iteration }) => iteration === number) ?? iterationRows(parts, { from: number, to: number });
  const confirmed = study.outcome === 'noLoss' ? store.confirmedIterationOf(study.id) : null;
  if (confirmed !== null) return rowsOf(confirmed).at(-1) ?? null;
  return (highest && rowsOf(highest.iteration).find(({ kind }) => kind === highest.kind)) ?? null;
}

function highest(means: readonly IterationMeans[]): IterationMeans | null {
  let best: IterationMeans | null = null;
  for (const one of means) {
    const mean = one.means[0] ?? Number.NaN;
    if (Number.isFinite(mean) && mean > (best?.means[0] ?? Number.NEGATIVE_INFINITY)) best = one;
  }
  return best;
}

/** A baseline that the config gives as mean, spread and number of runs: its row shows these. */
function spreadAsGiven(baseline: HistoryRow, config: unknown): void {
  const given = isRecord(config) && isRecord(config.baseline) ? config.baseline : {};
  if (!isRecord(given.mean)) return;
  const n = Number(given.n);
  baseline.runs = n;
  for (const [name, summary] of Object.entries(baseline.metrics)) {
    const sd = isRecord(given.sd) ? given.sd[name] : undefined;
    baseline.metrics[name] = { ...summary, n, sd: typeof sd === 'number' ? sd : null };
  }
}

/** The names in the stored config; the thesis's where it names none. */
export function decisionMetrics(config: unknown): string[] {
  const decision = isRecord(config) ? config.decision : undefined;
  const names = isRecord(decision) ? decision.metrics : undefined;
  if (!Array.isArray(names) || names.length === 0) return defaultDecisionMetrics;
  return names.map((item: unknown) => String(isRecord(item) ? item.name : item));
}

interface RowParts extends Pick<HistoryRow, 'iteration' | 'kind' | 'action' | 'setting' | 'workers'> {
  parentSetting: Setting | null;
  runs: readonly RunResult[];
  decision: Judgement | undefined;
  metrics: readonly string[];
  baseline: HistoryRow | null;
}

function row(parts: RowParts): HistoryRow {
  const { iteration, kind, action, setting, workers, parentSetting, runs, decision } = parts;
  const seconds = runs.reduce((sum, run) => sum + run.activeMs / 1000, 0);
  return {
    iteration,
    kind,
    action,
    setting,
    workers,
    changes: setting && parentSetting ? settingChanges(parentSetting, setting) : [],
    runs: runs.reduce((many, { metrics }) => many + (metrics === null ? 0 : 1), 0),
    metrics: metricsOf(parts),
    state: stateOf(runs),
    verdict: decision?.verdict ?? null,
    reason: decision?.reason ?? runs.find(({ reason }) => reason !== null)?.reason ?? null,
    seconds,
    workerHours: (seconds * workers) / 3600,
  };
}

function metricsOf({ runs, metrics, baseline }: RowParts): HistoryRow['metrics'] {
  const summaries: HistoryRow['metrics'] = {};
  for (const name of metrics) {
    const values: number[] = [];
    for (const { metrics: measured } of runs) {
      const value = measured?.[name];
      if (value !== undefined) values.push(value);
    }
    const summary = summarize(values);
    if (summary === null) continue;
    const reference = baseline?.metrics[name]?.mean;
    summaries[name] = { ...summary, difference: reference === undefined ? null : summary.mean - reference };
  }
  return summaries;
}

function groupBy<T, Key>(values: readonly T[], keyOf: (value: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group) group.push(value);
    else groups.set(keyOf(value), [value]);
  }
  return groups;
}

/** What a person wants to know first of several runs: that one runs, that one went wrong. */
function stateOf(runs: readonly RunResult[]): RowState {
  if (runs.length <= 1) return runs[0]?.state ?? 'notTrained';
  return tellingStates.find((state) => runs.some((run) => run.state === state)) ?? 'notTrained';
}

const tellingStates = ['running', 'failed', 'diverged', 'stopped', 'pending', 'finished'] as const;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

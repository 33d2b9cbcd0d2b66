import type {
  IterationRange,
  Judgement,
  RunRecord,
  RunResult,
  Store,
  StudyRecord,
  StudyTotals,
  WarningRecord,
} from '../../../db/index.ts';
import { bestSetting } from '../../../machines/decision/index.ts';
import type { Interval } from '../../domain/difference.ts';
import type { IterationAction } from '../../domain/guideline.ts';
import type { Doubt } from '../../domain/measured.ts';
import type { MetricDefinitions } from '../../domain/metric/definition.ts';
import { metricTexts } from '../../domain/metric/text.ts';
import { type Setting, withEpochs } from '../../domain/setting.ts';
import type { RunKind, StudyOutcome, Verdict } from '../../domain/study.ts';
import { type ExtendedBaseline, extendedBaselineOf } from '../extended-baseline.ts';
import { type RowMeasurement, rowMeasurement } from '../measured.ts';
import { metricMeaning } from '../metric-meaning.ts';
import { type SettingChange, settingChanges } from '../setting-text.ts';
import { type ComparedSummary, comparedWith } from '../statistics/compared.ts';
import { meanInterval } from '../statistics/statistics.ts';
import { summarize } from '../statistics/summarize.ts';
import { plainReason, plainReasonOf } from '../words.ts';

/** State of the runs behind a row; `notTrained`: an iteration without runs (iteration 0 above the threshold). */
export type RowState = 'notTrained' | RunRecord['state'];

/** A row of the thesis's tables 6.1 to 6.10. */
export interface HistoryRow extends RowMeasurement {
  /** Null for the baseline. */
  iteration: number | null;
  kind: RunKind;
  action: IterationAction | null;
  setting: Setting | null;
  /** From the setting of the iteration it started from, or from the baseline's where there is none. */
  changes: SettingChange[];
  workers: number;
  /** Number of runs with metrics behind the numbers. */
  runs: number;
  /** By metric: mean and spread over the runs, difference from the baseline's mean, and what it says. */
  metrics: Record<string, ComparedSummary>;
  state: RowState;
  verdict: Verdict | null;
  /** The decision's sentence, or why the run did not finish. */
  reason: string | null;
  /** Total wall-clock time of its runs. */
  seconds: number;
  /** Number of runs behind that time; runs taken from other studies cost none here. */
  timed: number;
  /** Total of workers × hours. */
  workerHours: number;
}

/** The best setting of a study: one row over all its runs, whichever iteration they were trained for. */
export interface BestSetting extends HistoryRow {
  /** The first iteration that trained it. */
  iteration: number;
  /** All iterations that trained it, validations included. */
  iterations: number[];
  /** By metric: the 95 % confidence interval of the mean; null for a single run. */
  intervals: Record<string, Interval | null>;
}

export interface StudyHistory {
  study: string;
  workers: number;
  epochs: number;
  simulated: boolean;
  /** Names of the decision metrics, the primary first. */
  metrics: string[];
  /** What these metrics mean: direction, unit, bounds. */
  definitions: MetricDefinitions;
  /** Whether the trainer reports shares of 1 in percent; the numbers here are fractions. */
  reportedInPercent: boolean;
  outcome: StudyOutcome | null;
  reason: string | null;
  /** Why its finished runs may not be what was asked for: any of these makes the study unverified. */
  unverified: Doubt[];
  /** Warnings of its runs, each message once. */
  warnings: WarningRecord[];
  /** Null before the first baseline run. */
  baseline: HistoryRow | null;
  iterations: HistoryRow[];
  /** As `bestSetting` defines it: the confirmed setting, else the best one over all its runs. */
  best: BestSetting | null;
  /** One worker trained as long as the confirmed setting; null where that trains no longer than the study. */
  extendedBaseline: ExtendedBaseline | null;
  /** The highest iteration number, whether or not it is among `iterations`; null before the first. */
  lastIteration: number | null;
  /** Over the whole study. */
  totals: StudyTotals;
}

export interface HistoryOptions {
  /** Lists only these iterations; totals and the best setting still cover the whole study. */
  range?: IterationRange | undefined;
}

/** Everything `autopilot history` prints. */
export function studyHistory(store: Store, study: StudyRecord, { range }: HistoryOptions = {}): StudyHistory {
  const { metrics, definitions, reportedInPercent } = metricMeaning(store, study);
  const signs = signsOf(metrics, definitions);
  const baseline = baselineRow({ store, study, metrics, signs });
  const parts = { store, study, metrics, signs, baseline };
  return {
    study: study.name,
    workers: study.workers,
    epochs: study.epochs,
    simulated: study.simulated,
    metrics,
    definitions,
    reportedInPercent,
    outcome: study.outcome,
    reason: plainReasonOf(study),
    unverified: store.doubtsOf(study.id),
    warnings: store.warningsOf(study.id),
    baseline,
    iterations: iterationRows(parts, range),
    best: bestRow(parts, definitions),
    extendedBaseline: extendedBaselineOf(store, study),
    lastIteration: store.lastIterationOf(study.id),
    totals: store.totalsOf(study.id),
  };
}

/** The range of a study's last `many` iterations. */
export function lastIterations(store: Store, study: StudyRecord, many: number): IterationRange {
  const to = store.lastIterationOf(study.id) ?? 0;
  return { from: Math.max(0, to - many + 1), to };
}

interface HistoryParts {
  store: Store;
  study: StudyRecord;
  metrics: readonly string[];
  signs: Signs;
  baseline: HistoryRow | null;
}

/** By metric: 1 where higher is better, -1 where lower is, 0 where unknown. */
type Signs = Record<string, 1 | -1 | 0>;

function signsOf(metrics: readonly string[], definitions: MetricDefinitions): Signs {
  const textOf = metricTexts({ metrics, definitions });
  return Object.fromEntries(metrics.map((name) => [name, textOf(name).sign]));
}

function baselineRow({ store, study, metrics, signs }: Omit<HistoryParts, 'baseline'>): HistoryRow | null {
  const runs = store.runsOfBaseline(study.id).filter(({ kind }) => kind === 'baseline');
  const [first] = runs;
  if (first === undefined) return null;
  const trained = row({
    metrics,
    signs,
    baseline: null,
    iteration: null,
    kind: 'baseline',
    action: null,
    setting: withEpochs(first.setting, study.epochs),
    parentSetting: null,
    workers: first.workers,
    runs,
    decision: store.decisionsOfBaseline(study.id)[0],
  });
  return { ...trained, ...givenSpread(trained.metrics, study.config) };
}

function iterationRows(
  { store, study, metrics, signs, baseline }: HistoryParts,
  range: IterationRange | undefined,
): HistoryRow[] {
  const complete = <Row extends { setting: Setting }>(stored: Row) => ({
    ...stored,
    setting: withEpochs(stored.setting, study.epochs),
  });
  const iterations = (range ? store.iterationsOfRange(study.id, range) : store.iterationsOf(study.id)).map(complete);
  const settings = new Map<number, Setting>(iterations.map(({ number, setting }) => [number, setting]));
  const settingOf = (number: number): Setting | undefined => {
    if (!settings.has(number)) {
      const found = store.iteration(study.id, number);
      if (found) settings.set(number, complete(found).setting);
    }
    return settings.get(number);
  };
  const iterationOf = ({ iteration }: { iteration: number | null }) => iteration;
  const runsOf = groupBy(store.runResultsOf(study.id, range), iterationOf);
  const decisionsOf = groupBy(store.judgementsOf(study.id, range), iterationOf);
  return iterations.flatMap(({ number, action, parent, setting }) => {
    const own = runsOf.get(number) ?? [];
    const judged = decisionsOf.get(number) ?? [];
    const kinds = (['iteration', 'validation', 'baseline'] as const).filter((kind) =>
      own.some((run) => run.kind === kind),
    );
    const groups = kinds.length > 0 ? kinds : (['iteration'] as const);
    return groups.map((kind, index) =>
      row({
        metrics,
        signs,
        baseline,
        iteration: number,
        kind,
        setting,
        action: kind === 'validation' ? 'validate' : action,
        parentSetting:
          kind === 'baseline'
            ? (baseline?.setting ?? null)
            : index > 0
              ? setting
              : ((parent === null ? undefined : settingOf(parent)) ?? baseline?.setting ?? null),
        workers: own[0]?.workers ?? study.workers,
        runs: groups.length === 1 ? own : own.filter((run) => run.kind === kind),
        decision: index === groups.length - 1 ? judged.at(-1) : judged[0],
      }),
    );
  });
}

function bestRow(
  { store, study, metrics, signs, baseline }: HistoryParts,
  definitions: MetricDefinitions,
): BestSetting | null {
  const confirmed = study.outcome === 'noLoss' ? store.confirmedIterationOf(study.id) : null;
  const found = bestSetting(store.settingRunsOf(study.id), { metrics, definitions, confirmed });
  const [number] = found?.iterations ?? [];
  const first = number === undefined ? undefined : store.iteration(study.id, number);
  if (found === null || number === undefined || first === undefined) return null;
  const ranges = found.iterations.map((each) => ({ from: each, to: each }));
  const runs = ranges.flatMap((range) => store.runResultsOf(study.id, range));
  const parent = first.parent === null ? undefined : store.iteration(study.id, first.parent);
  const best = row({
    metrics,
    signs,
    baseline,
    iteration: number,
    kind: 'iteration',
    setting: withEpochs(found.setting, study.epochs),
    action: first.action,
    parentSetting: parent === undefined ? (baseline?.setting ?? null) : withEpochs(parent.setting, study.epochs),
    workers: runs[0]?.workers ?? study.workers,
    runs,
    decision: ranges.flatMap((range) => store.judgementsOf(study.id, range)).at(-1),
  });
  const intervalOf = (name: string) => meanInterval(runs.flatMap(({ metrics: measured }) => measured?.[name] ?? []));
  const intervals = Object.fromEntries(Object.keys(best.metrics).map((name) => [name, intervalOf(name)]));
  return { ...best, iteration: number, iterations: found.iterations, intervals };
}

/** Runs and spread of a baseline that the config gives as mean, spread and number of runs. */
function givenSpread(metrics: HistoryRow['metrics'], config: unknown): Partial<HistoryRow> {
  const given = isRecord(config) && isRecord(config.baseline) ? config.baseline : {};
  if (!isRecord(given.mean)) return {};
  const n = Number(given.n);
  const sds = isRecord(given.sd) ? given.sd : {};
  const sdOf = (name: string) => (typeof sds[name] === 'number' ? sds[name] : null);
  const summaries = Object.entries(metrics).map(([name, summary]) => [name, { ...summary, n, sd: sdOf(name) }]);
  return { runs: n, metrics: Object.fromEntries(summaries) };
}

interface RowParts extends Pick<HistoryRow, 'iteration' | 'kind' | 'action' | 'setting' | 'workers'> {
  parentSetting: Setting | null;
  runs: readonly RunResult[];
  decision: Judgement | undefined;
  metrics: readonly string[];
  signs: Signs;
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
    reason: decision ? plainReason(decision.reason) : (runs.find(({ reason }) => reason !== null)?.reason ?? null),
    seconds,
    timed: runs.filter(({ metrics, activeMs }) => metrics !== null && activeMs > 0).length,
    workerHours: (seconds * workers) / 3600,
    ...rowMeasurement(runs),
  };
}

function metricsOf({ runs, metrics, signs, baseline }: RowParts): HistoryRow['metrics'] {
  const summaries: HistoryRow['metrics'] = {};
  for (const name of metrics) {
    const values: number[] = [];
    for (const { metrics: measured } of runs) {
      const value = measured?.[name];
      if (value !== undefined) values.push(value);
    }
    const summary = summarize(values);
    if (summary === null) continue;
    summaries[name] = comparedWith(summary, baseline?.metrics[name], signs[name] ?? 0);
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

/** The most telling state among several runs: first that one is running, then that one went wrong. */
function stateOf(runs: readonly RunResult[]): RowState {
  if (runs.length <= 1) return runs[0]?.state ?? 'notTrained';
  return tellingStates.find((state) => runs.some((run) => run.state === state)) ?? 'notTrained';
}

const tellingStates = ['running', 'failed', 'diverged', 'stopped', 'pending', 'finished'] as const;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

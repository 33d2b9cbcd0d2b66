import type { DecisionRecord, RunRecord, Store, StudyRecord } from '../../db/index.ts';
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
  totals: { runs: number; seconds: number; workerHours: number };
}

/** Everything `autopilot history` prints. `nowMs` is the end of what still runs. */
export function studyHistory(store: Store, study: StudyRecord, nowMs: number): StudyHistory {
  const metrics = decisionMetrics(study.config);
  const runs = store.runsOf(study.id);
  const decisions = store.decisionsOf(study.id);
  const iterations = store.iterationsOf(study.id);
  const baselineRuns = runs.filter(({ kind }) => kind === 'baseline');
  const shared = { metrics, nowMs, baseline: null as HistoryRow | null };
  const baseline =
    baselineRuns.length === 0
      ? null
      : row({
          ...shared,
          iteration: null,
          kind: 'baseline',
          action: null,
          setting: baselineRuns[0]!.setting,
          parentSetting: null,
          workers: baselineRuns[0]!.workers,
          runs: baselineRuns,
          decision: decisions.find(({ iteration }) => iteration === null),
        });
  if (baseline !== null) spreadAsGiven(baseline, study.config);
  const settings = new Map(iterations.map(({ number, setting }) => [number, setting]));
  const runsOf = groupBy(runs, ({ iteration }) => iteration);
  const decisionsOf = groupBy(decisions, ({ iteration }) => iteration);
  const rows = iterations.flatMap(({ number, action, parent, setting }) => {
    const own = runsOf.get(number) ?? [];
    const judged = decisionsOf.get(number) ?? [];
    const kinds = (['iteration', 'validation'] as const).filter((kind) => own.some((run) => run.kind === kind));
    const groups = kinds.length > 0 ? kinds : (['iteration'] as const);
    return groups.map((kind, index) =>
      row({
        ...shared,
        baseline,
        iteration: number,
        kind,
        action: kind === 'validation' ? 'validate' : action,
        setting,
        parentSetting: index > 0 ? setting : (settings.get(parent ?? -1) ?? baseline?.setting ?? null),
        workers: own[0]?.workers ?? study.workers,
        runs: own.filter((run) => run.kind === kind),
        decision: index === groups.length - 1 ? judged.at(-1) : judged[0],
      }),
    );
  });
  const all = baseline === null ? rows : [baseline, ...rows];
  return {
    study: study.name,
    workers: study.workers,
    epochs: study.epochs,
    simulated: study.simulated,
    metrics,
    outcome: study.outcome,
    reason: study.reason,
    baseline,
    iterations: rows,
    totals: {
      runs: runs.length,
      seconds: all.reduce((sum, each) => sum + each.seconds, 0),
      workerHours: all.reduce((sum, each) => sum + each.workerHours, 0),
    },
  };
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
  return Array.isArray(names) && names.length > 0 ? names.map(String) : defaultDecisionMetrics;
}

interface RowParts extends Pick<HistoryRow, 'iteration' | 'kind' | 'action' | 'setting' | 'workers'> {
  parentSetting: Setting | null;
  runs: readonly RunRecord[];
  decision: DecisionRecord | undefined;
  metrics: readonly string[];
  baseline: HistoryRow | null;
  nowMs: number;
}

function row({ parentSetting, runs, decision, metrics, baseline, nowMs, ...own }: RowParts): HistoryRow {
  const measured = runs.flatMap(({ metrics: values }) => (values === null ? [] : [values]));
  const summaries: HistoryRow['metrics'] = {};
  for (const name of metrics) {
    const summary = summarize(measured.flatMap((values) => values[name] ?? []));
    if (summary === null) continue;
    const reference = baseline?.metrics[name]?.mean;
    summaries[name] = { ...summary, difference: reference === undefined ? null : summary.mean - reference };
  }
  const seconds = runs.reduce((sum, run) => sum + secondsOf(run, nowMs), 0);
  const stopped = runs.find(({ reason }) => reason !== null);
  return {
    ...own,
    changes: own.setting && parentSetting ? settingChanges(parentSetting, own.setting) : [],
    runs: measured.length,
    metrics: summaries,
    state: stateOf(runs),
    verdict: decision?.verdict ?? null,
    reason: decision?.reason ?? stopped?.reason ?? null,
    seconds,
    workerHours: (seconds * own.workers) / 3600,
  };
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

function secondsOf({ startedMs, endedMs }: RunRecord, nowMs: number): number {
  return startedMs === null ? 0 : Math.max(0, ((endedMs ?? nowMs) - startedMs) / 1000);
}

/** What a person wants to know first of several runs: that one runs, that one went wrong. */
function stateOf(runs: readonly RunRecord[]): RowState {
  const order = ['running', 'failed', 'diverged', 'stopped', 'pending', 'finished'] as const;
  return order.find((state) => runs.some((run) => run.state === state)) ?? 'notTrained';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

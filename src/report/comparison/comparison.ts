import type { RunRecord, Store, StudyRecord } from '../../../db/index.ts';
import { type ComparePolicy, comparePolicies } from '../../config/sections/compare.ts';
import { readableConfig } from '../../config/stored.ts';
import type { Doubt } from '../../domain/measured.ts';
import type { MetricDefinitions } from '../../domain/metric/definition.ts';
import { type MetricText, metricTexts } from '../../domain/metric/text.ts';
import type { Setting } from '../../domain/setting.ts';
import type { StudyOutcome } from '../../domain/study.ts';
import { studyHistory } from '../history/history.ts';
import { metricMeaning } from '../metric-meaning.ts';
import { type ComparedSummary, comparedWith } from '../statistics/compared.ts';
import { summarize } from '../statistics/summarize.ts';
import { type TrainedAnew, trainedAnew } from './anew.ts';

/** One point of the figure: a policy on k workers. */
export interface ComparePoint {
  workers: number;
  /** By metric: mean and spread over the runs with a result, difference from the baseline's mean, and what it says. */
  metrics: Record<string, ComparedSummary>;
  /** Runs with a result, and how many of them diverged (their last evaluation counts, if there was one). */
  runs: number;
  diverged: number;
  failed: number;
  setting: Setting | null;
  seeds: number[];
}

export interface CompareLine {
  policy: ComparePolicy;
  points: ComparePoint[];
}

/** How the guideline's study for k workers ended. */
export interface CompareSearch {
  study: string;
  workers: number;
  outcome: StudyOutcome | null;
  /** Why its runs may not be what was asked for. */
  unverified: Doubt[];
  iterations: number;
  runs: number;
}

export interface Comparison {
  comparison: string;
  simulated: boolean;
  epochs: number;
  /** The primary first. */
  metrics: string[];
  /** What the metrics mean: which values are better, and their unit. */
  definitions: MetricDefinitions;
  /** Whether the trainer reports shares of 1 in percent; the numbers here are fractions. */
  reportedInPercent: boolean;
  workers: number[];
  /** Numbers of workers to compare, whether or not they have runs yet. */
  asked: number[];
  /** Null before the first baseline run. */
  baseline: ComparePoint | null;
  lines: CompareLine[];
  searches: CompareSearch[];
  /** The primary metric of settings that `autopilot scale` has confirmed, against one worker. */
  anew: TrainedAnew[];
  totals: { runs: number; trained: number; inSearches: number; hours: number };
}

/** What a comparison has found so far: the data behind its figure. */
export function comparison(store: Store, study: StudyRecord): Comparison {
  const { metrics, definitions, reportedInPercent } = metricMeaning(store, study);
  const [primary = 'dice'] = metrics;
  const textOf = metricTexts({ metrics, definitions });
  const { decision, compare } = readableConfig(study) ?? {};
  const runs = store.runsOf(study.id);
  const baselineRuns = runs.filter(({ kind }) => kind === 'baseline');
  const baseline = baselineRuns.length === 0 ? null : point({ runs: baselineRuns, metrics, textOf, baseline: null });
  const workers = [...new Set(runs.filter(({ kind }) => kind !== 'baseline').map((run) => run.workers))].sort(
    (a, b) => a - b,
  );
  const lines = comparePolicies.flatMap((policy) => {
    const own = runs.filter(({ key }) => policyOf(key) === policy);
    if (own.length === 0) return [];
    const points = workers.flatMap((k) => {
      const cell = own.filter((run) => run.workers === k);
      return cell.length === 0 ? [] : [point({ runs: cell, metrics, textOf, baseline })];
    });
    return [{ policy, points }];
  });
  const searches = searchesOf(store, study);
  const all = [...runs, ...searches.flatMap(({ study: name }) => store.runsOf(name))];
  const trained = all.filter(isTrained);
  const seconds = trained.reduce((sum, run) => sum + run.activeMs / 1000, 0);
  return {
    comparison: study.name,
    simulated: study.simulated,
    epochs: study.epochs,
    metrics,
    definitions,
    reportedInPercent,
    workers,
    asked: [...new Set([...(compare?.workers ?? []), ...workers])].sort((a, b) => a - b),
    baseline,
    lines,
    searches,
    anew: trainedAnew({
      runs: runs.filter((run) => policyOf(run.key) === 'confirmed' && hasResult(run)),
      baseline: baselineRuns.filter(hasResult),
      metric: primary,
      sign: textOf(primary).sign,
      margin: decision?.rule === 'nonInferiority' ? decision.margin : null,
    }),
    totals: {
      runs: runs.filter(hasResult).length,
      trained: trained.length,
      inSearches: trained.length - runs.filter(isTrained).length,
      hours: seconds / 3600,
    },
  };
}

/** `gradualWarmup-k12-3` belongs to `gradualWarmup`. */
export function policyOf(key: string): string {
  return key.split('-')[0] ?? '';
}

function point(options: {
  runs: readonly RunRecord[];
  metrics: readonly string[];
  textOf: (name: string) => MetricText;
  baseline: ComparePoint | null;
}): ComparePoint {
  const { runs, metrics, textOf, baseline } = options;
  const ended = runs.filter(hasResult);
  const summaries: ComparePoint['metrics'] = {};
  for (const name of metrics) {
    const summary = summarize(ended.flatMap(({ metrics: values }) => values?.[name] ?? []));
    if (summary === null) continue;
    summaries[name] = comparedWith(summary, baseline?.metrics[name], textOf(name).sign);
  }
  return {
    workers: runs[0]!.workers,
    metrics: summaries,
    runs: ended.length,
    diverged: ended.filter(({ state }) => state === 'diverged').length,
    failed: runs.filter(({ state }) => state === 'failed').length,
    setting: runs[0]!.setting,
    seeds: ended.map(({ seed }) => seed),
  };
}

function isTrained({ origin, startedMs }: RunRecord): boolean {
  return origin === 'trained' && startedMs !== null;
}

function hasResult({ state }: RunRecord): boolean {
  return state === 'finished' || state === 'diverged';
}

function searchesOf(store: Store, { name }: StudyRecord): CompareSearch[] {
  const prefix = `${name}-k`;
  return store
    .studies()
    .filter((study) => study.name.startsWith(prefix) && /^\d+$/.test(study.name.slice(prefix.length)))
    .map((study) => {
      const { iterations, totals } = studyHistory(store, study);
      const tried = iterations.filter(({ state }) => state !== 'notTrained').length;
      const runs = totals.runs - store.runsOf(study.id).filter(({ origin }) => origin === 'given').length;
      const { name: found, workers, outcome } = study;
      return { study: found, workers, outcome, unverified: store.doubtsOf(study.id), iterations: tried, runs };
    })
    .sort((a, b) => a.workers - b.workers);
}

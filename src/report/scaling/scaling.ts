import type { RunRecord, Store, StudyRecord } from '../../../db/index.ts';
import { readableConfig } from '../../config/stored.ts';
import type { Interval } from '../../domain/difference.ts';
import type { Doubt } from '../../domain/measured.ts';
import type { MetricDefinitions } from '../../domain/metric/definition.ts';
import { epochsOf, type Setting, withEpochs } from '../../domain/setting.ts';
import type { StudyOutcome } from '../../domain/study.ts';
import { metricMeaning } from '../metric-meaning.ts';
import { meanInterval } from '../statistics/statistics.ts';
import { type Summary, summarize } from '../statistics/summarize.ts';
import { plainReasonOf } from '../words.ts';
import { type RunTime, timesOf } from './time.ts';
import { type ScalingWish, wishesOf } from './wishes.ts';

/** Accuracy of fresh runs, one worker's or those that validated a setting, on the part of the data that confirms. */
export interface ScalingMetric extends Summary {
  /** 95 % confidence interval of the mean; null for a single run. */
  interval: Interval | null;
  /** Mean minus one worker's mean. */
  difference: number | null;
  /** The worst-case difference by the decision rule; null where it gives none. */
  bound: number | null;
}

/** What is known about one number of workers. */
export interface ScalingCount {
  workers: number;
  study: string;
  /** Null until the study ends. */
  outcome: StudyOutcome | null;
  unverified: Doubt[];
  reason: string | null;
  /** The confirmed setting; null where none was. */
  setting: Setting | null;
  epochs: number | null;
  /** The primary metric of the runs that validated it. */
  metric: ScalingMetric | null;
  /** Time of one training with the confirmed setting; null without one, and for a simulated study. */
  time: RunTime | null;
  /** One worker's seconds divided by these. */
  speedUp: number | null;
  /** Speed-up divided by workers. */
  efficiency: number | null;
  /** Workers × hours of one training. */
  workerHours: number | null;
  /** Iterations trained, validations included, and what all runs of its study cost, one worker's included. */
  tried: number;
  trained: { runs: number; hours: number };
}

export interface ErrorRate {
  /**
   * Probability that one count is called without loss with a setting that loses the margin or more; null for a rule
   * without such a rate.
   */
  each: number | null;
  /** Upper bound on the probability that any of the confirmed settings loses that much. */
  any: number | null;
  /** Probability that a count is called without loss although none of the settings tried for it is. */
  claimed: number | null;
}

export interface Scaling {
  scaling: string;
  simulated: boolean;
  epochs: number;
  /** The primary metric. */
  metric: string;
  metrics: string[];
  definitions: MetricDefinitions;
  reportedInPercent: boolean;
  margin: number | null;
  errorRate: ErrorRate;
  baseline: { metric: ScalingMetric; time: RunTime | null; setting: Setting } | null;
  /** The counts that have a study, fewest workers first. */
  counts: ScalingCount[];
  /** Counts asked for but not begun. */
  notTried: number[];
  /** Empty for a simulated scaling, whose times are not measured. */
  wishes: ScalingWish[];
  totals: { runs: number; reused: number; hours: number };
}

/** What a scaling has found so far. `asked`: the worker counts to try. */
export function scaling(store: Store, study: StudyRecord, asked: readonly number[]): Scaling {
  const studies = studiesOf(store, study);
  const first = studies[0] ?? study;
  const meaning = metricMeaning(store, first);
  const metric = meaning.metrics[0] ?? 'dice';
  const times = timesOf(store, readableConfig(study)?.scale?.network ?? null);
  const last = studies.at(-1);
  const baselineRuns = last === undefined ? [] : finished(store.runsOfBaseline(last.id));
  const one = metricOf(store, last, { runs: baselineRuns, metric });
  const setting = baselineRuns[0] && withEpochs(baselineRuns[0].setting, study.epochs);
  const time = study.simulated ? null : times.measured(baselineRuns);
  const baseline = one === null || setting === undefined ? null : { metric: one, time, setting };
  const counts = studies.map((each) => countOf({ store, study: each, metric, times, one: time }));
  const runs = studies.flatMap(({ id }) => store.runsOf(id));
  const trained = runs.filter(({ origin, startedMs }) => origin === 'trained' && startedMs !== null);
  const { decision } = readableConfig(first) ?? {};
  return {
    scaling: study.name,
    simulated: study.simulated,
    epochs: study.epochs,
    metric,
    ...meaning,
    margin: decision?.rule === 'nonInferiority' ? decision.margin : null,
    errorRate: errorRateOf(decision?.rule === 'nonInferiority' ? decision.alpha : null, asked.length),
    baseline,
    counts,
    notTried: asked.filter((workers) => !counts.some((each) => each.workers === workers)),
    wishes: study.simulated ? [] : wishesOf(counts, time),
    totals: {
      runs: trained.length,
      reused: runs.filter(({ origin }) => origin === 'imported').length,
      hours: hoursOf(trained),
    },
  };
}

/** When a scaling ended, which is when its last study did; null while a count is still to be trained. */
export function scalingEndMs(store: Store, study: StudyRecord, asked: readonly number[]): number | null {
  const studies = studiesOf(store, study);
  const ends = studies.flatMap(({ endedMs }) => endedMs ?? []);
  const failed = studies.some(({ outcome }) => outcome !== null && outcome !== 'noLoss');
  const all = asked.every((workers) => studies.some((one) => one.workers === workers));
  return ends.length > 0 && ends.length === studies.length && (all || failed) ? Math.max(...ends) : null;
}

/** The studies of a scaling's worker counts, fewest workers first. */
export function studiesOf(store: Store, { name }: StudyRecord): StudyRecord[] {
  const prefix = `${name}-k`;
  return store
    .studies()
    .filter((study) => study.name.startsWith(prefix) && /^\d+$/.test(study.name.slice(prefix.length)))
    .sort((a, b) => a.workers - b.workers);
}

interface CountParts {
  store: Store;
  study: StudyRecord;
  metric: string;
  times: ReturnType<typeof timesOf>;
  /** One worker's time. */
  one: RunTime | null;
}

function countOf({ store, study, metric, times, one }: CountParts): ScalingCount {
  const { id, workers, outcome } = study;
  const iteration = outcome === 'noLoss' ? store.confirmedIterationOf(id) : null;
  const found = iteration === null ? undefined : store.iteration(id, iteration);
  const setting = found === undefined ? null : withEpochs(found.setting, study.epochs);
  const confirmed = store.decisionsOf(id).findLast(({ verdict }) => verdict === 'confirmed');
  const all = store.runsOf(id);
  const same = setting === null ? [] : finished(all).filter((run) => isOf(run, setting, study.epochs));
  const validating = same.filter(({ kind }) => kind === 'validation');
  const measured = setting === null ? null : metricOf(store, study, { runs: validating, metric });
  const { difference = null, lowerBound = null, upperBound = null } = confirmed?.observed ?? {};
  const lower = store.lastEventOf(id, ['metrics.known'])?.event.metrics[metric]?.direction === 'lower';
  const number = (value: unknown) => (typeof value === 'number' ? value : null);
  const epochs = setting === null ? null : epochsOf(setting, study.epochs);
  const time =
    setting === null || study.simulated ? null : times.of({ runs: same, workers, one, epochs: epochs! / study.epochs });
  const speedUp = time === null || one === null ? null : one.seconds / time.seconds;
  const trained = all.filter(({ origin, startedMs }) => origin === 'trained' && startedMs !== null);
  return {
    workers,
    study: study.name,
    outcome,
    unverified: store.doubtsOf(id),
    reason: plainReasonOf(study),
    setting,
    epochs,
    metric: measured && {
      ...measured,
      difference: number(difference),
      bound: number(lower ? upperBound : lowerBound),
    },
    time,
    speedUp,
    efficiency: speedUp === null ? null : speedUp / workers,
    workerHours: time === null ? null : (workers * time.seconds) / 3600,
    tried: store.totalsOf(id).tried,
    trained: { runs: trained.length, hours: hoursOf(trained) },
  };
}

function finished(runs: readonly RunRecord[]): RunRecord[] {
  return runs.filter(({ state }) => state === 'finished');
}

function isOf(run: RunRecord, setting: Setting, epochs: number): boolean {
  return (
    run.iteration !== null &&
    JSON.stringify(sorted(withEpochs(run.setting, epochs))) === JSON.stringify(sorted(setting))
  );
}

function sorted(setting: Setting): [string, unknown][] {
  return Object.entries(setting).sort(([a], [b]) => a.localeCompare(b));
}

/** The metric on the part that confirms, as the guideline received it. */
function metricOf(
  store: Store,
  study: StudyRecord | undefined,
  { runs, metric }: { runs: readonly RunRecord[]; metric: string },
): ScalingMetric | null {
  if (study === undefined) return null;
  const told = new Map(
    store.eventsOf(study.id, { types: ['run.finished'] }).map(({ event }) => [event.key, event] as const),
  );
  const values = runs.flatMap(({ key, metrics }) => {
    const event = told.get(key);
    return (event?.confirming?.metrics ?? event?.metrics ?? metrics)?.[metric] ?? [];
  });
  const summary = summarize(values);
  return summary && { ...summary, interval: meanInterval(values), difference: null, bound: null };
}

function hoursOf(runs: readonly RunRecord[]): number {
  return runs.reduce((sum, { activeMs }) => sum + activeMs / 3_600_000, 0);
}

/**
 * A count is tried only after all smaller ones were confirmed: in such a fixed sequence of tests, the claim that some
 * setting works for a count needs no correction of its rate (Maurer et al. 1995). For the settings themselves the rates
 * add up.
 */
function errorRateOf(alpha: number | null, counts: number): ErrorRate {
  if (alpha === null) return { each: null, any: null, claimed: null };
  return { each: alpha, any: Math.min(1, alpha * counts), claimed: alpha };
}

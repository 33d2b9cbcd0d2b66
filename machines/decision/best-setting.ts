import { canonicalJson } from '../../src/domain/hash.ts';
import type { MetricDefinitions } from '../../src/domain/metric/definition.ts';
import type { Metrics } from '../../src/domain/metric/metrics.ts';
import type { Setting } from '../../src/domain/setting.ts';
import { mean } from './primary.ts';
import { isBetter } from './progress.ts';

/** The part of a run on k workers that tells how good its setting is. */
export interface SettingRun {
  /** The iteration it was trained for: its setting's first, or one that repeats it. */
  iteration: number;
  setting: Setting;
  state: string;
  /** Null without a result; a diverged run may have those of its last evaluation. */
  metrics: Metrics | null;
}

/** The estimate from all runs of one setting: the first, its repeats and its validating runs. */
export interface SettingEstimate {
  setting: Setting;
  /** The iterations that trained it, ascending. */
  iterations: number[];
  /** Runs with a result, diverged ones included. */
  runs: number;
  /** Runs that diverged, or finished without a usable primary metric. */
  diverged: number;
  /** The finite values of every decision metric, lowest first. */
  values: Record<string, number[]>;
  /** Their means. */
  metrics: Metrics;
}

/**
 * The estimate of every setting with a finished or diverged run, in the order of first training. The order of the runs
 * does not matter; a failed run says nothing about its setting.
 */
export function settingEstimates(runs: readonly SettingRun[], metrics: readonly string[]): SettingEstimate[] {
  const primary = metrics[0] ?? '';
  const groups = new Map<string, SettingRun[]>();
  for (const run of runs) {
    if (run.state !== 'finished' && run.state !== 'diverged') continue;
    const id = canonicalJson(run.setting);
    const group = groups.get(id);
    if (group) group.push(run);
    else groups.set(id, [run]);
  }
  return [...groups.values()].map((group) => estimate(group, primary, metrics)).sort(byFirstIteration);
}

function estimate(group: readonly SettingRun[], primary: string, metrics: readonly string[]): SettingEstimate {
  const values: Record<string, number[]> = {};
  const means: Metrics = {};
  for (const name of metrics) {
    const own = group.flatMap((run) => run.metrics?.[name] ?? []).filter(Number.isFinite);
    if (own.length === 0) continue;
    // Sorted, since the last digit of a sum depends on the order of its terms.
    values[name] = own.sort((a, b) => a - b);
    means[name] = mean(own);
  }
  return {
    setting: group[0]!.setting,
    iterations: [...new Set(group.map(({ iteration }) => iteration))].sort((a, b) => a - b),
    runs: group.length,
    diverged: group.filter((run) => run.state === 'diverged' || !Number.isFinite(run.metrics?.[primary])).length,
    values,
    metrics: means,
  };
}

function byFirstIteration(a: SettingEstimate, b: SettingEstimate): number {
  return a.iterations[0]! - b.iterations[0]!;
}

export interface BestSettingOptions {
  /** In order of priority; the first is the primary metric. */
  metrics: readonly string[];
  definitions?: MetricDefinitions | undefined;
  /** The iteration whose setting a study that ended with `noLoss` confirmed; that setting is its answer. */
  confirmed?: number | null | undefined;
}

/**
 * The best setting of a study: the confirmed one, else the one with the best estimate by the metrics and their
 * directions, the earlier one in a tie. A setting that ever diverged ranks below all that never did. Null when no run
 * has the primary metric. History, page, report, exports and the library all use this one.
 */
export function bestSetting(
  runs: readonly SettingRun[],
  { metrics, definitions, confirmed = null }: BestSettingOptions,
): SettingEstimate | null {
  const all = settingEstimates(runs, metrics);
  const answer = confirmed === null ? undefined : all.find(({ iterations }) => iterations.includes(confirmed));
  if (answer !== undefined) return answer;
  const measured = all.filter((each) => each.metrics[metrics[0] ?? ''] !== undefined);
  const sound = measured.filter(({ diverged }) => diverged === 0);
  const [first, ...rest] = sound.length > 0 ? sound : measured;
  if (first === undefined) return null;
  const order = [...metrics];
  return rest.reduce((best, each) => (isBetter(each.metrics, best.metrics, order, definitions) ? each : best), first);
}

import type { RunRecord, Store, StudyRecord } from '../../db/index.ts';
import type { Metrics } from '../domain/metrics.ts';
import type { Setting } from '../domain/setting.ts';
import type { Verdict } from '../domain/study.ts';

/** Mean and sample standard deviation of a metric over runs; the deviation is null for a single run. */
export interface Spread {
  mean: number;
  sd: number | null;
  runs: number;
}

export interface RunView {
  id: string;
  key: string;
  kind: string;
  iteration: number | null;
  workers: number;
  seed: number;
  state: string;
  reason: string | null;
  metrics: Metrics | null;
  simulated: boolean;
  setting: Setting;
  startedMs: number | null;
  endedMs: number | null;
  workerHours: number;
}

export interface IterationView {
  number: number;
  action: string;
  parent: number | null;
  setting: Setting;
  /** Fields of the setting that differ from the parent's. */
  changed: { field: string; from: number | string; to: number | string }[];
  metrics: Record<string, Spread>;
  /** Mean minus the baseline's mean. */
  difference: Metrics;
  verdict: Verdict | null;
  reason: string | null;
  runs: RunView[];
  workerHours: number;
}

export interface StudyView {
  study: Omit<StudyRecord, 'config'> & { config: unknown };
  /** Decision metrics, the primary first. */
  metrics: string[];
  baseline: Record<string, Spread>;
  baselineRuns: RunView[];
  iterations: IterationView[];
  /** Where the flowchart stands: the last decision and what it asked for. */
  last: { verdict: Verdict; reason: string; next: string } | null;
  running: string[];
  workerHours: number;
  notes: { text: string; runKey: string | null; timeMs: number }[];
}

/** One study as its page shows it, from one pass over its stored rows. */
export function studyView(store: Store, study: StudyRecord, nowMs: number): StudyView {
  const runs = store.runsOf(study.id).map((run) => runView(run, nowMs));
  const decisions = store.decisionsOf(study.id);
  const baselineRuns = runs.filter((run) => run.kind === 'baseline');
  const baseline = spreads(baselineRuns);
  const settings = new Map<number, Setting>();
  const byIteration = groupByIteration(runs);
  const lastDecisionOf = new Map(decisions.map((decision) => [decision.iteration, decision]));

  const iterations = store.iterationsOf(study.id).map((iteration): IterationView => {
    settings.set(iteration.number, iteration.setting);
    const parent = iteration.parent === null ? undefined : settings.get(iteration.parent);
    const own = byIteration.get(iteration.number) ?? [];
    const metrics = spreads(own);
    const decision = lastDecisionOf.get(iteration.number);
    return {
      number: iteration.number,
      action: iteration.action,
      parent: iteration.parent,
      setting: iteration.setting,
      changed: parent ? changes(parent, iteration.setting) : [],
      metrics,
      difference: differences(metrics, baseline),
      verdict: decision?.verdict ?? null,
      reason: decision?.reason ?? null,
      runs: own,
      workerHours: sum(own.map((run) => run.workerHours)),
    };
  });

  const last = decisions.at(-1);
  return {
    study,
    metrics: decisionMetrics(study.config),
    baseline,
    baselineRuns,
    iterations,
    last: last
      ? {
          verdict: last.verdict,
          reason: last.reason,
          next: 'action' in last.next ? last.next.action : last.next.outcome,
        }
      : null,
    running: runs.filter((run) => run.state === 'running').map((run) => run.id),
    workerHours: sum(runs.map((run) => run.workerHours)),
    notes: store.notesOf(study.id),
  };
}

export function runView(run: RunRecord, nowMs: number): RunView {
  const until = run.endedMs ?? (run.state === 'running' ? nowMs : run.startedMs);
  const hours = run.startedMs === null || until === null ? 0 : Math.max(0, until - run.startedMs) / 3_600_000;
  const { id, key, kind, iteration, workers, seed, state, reason, metrics, simulated, setting, startedMs, endedMs } =
    run;
  return {
    id,
    key,
    kind,
    iteration,
    workers,
    seed,
    state,
    reason,
    metrics,
    simulated,
    setting,
    startedMs,
    endedMs,
    workerHours: hours * workers,
  };
}

function groupByIteration(runs: RunView[]): Map<number | null, RunView[]> {
  const groups = new Map<number | null, RunView[]>();
  for (const run of runs) {
    const group = groups.get(run.iteration);
    if (group) group.push(run);
    else groups.set(run.iteration, [run]);
  }
  return groups;
}

function decisionMetrics(config: unknown): string[] {
  const metrics = (config as { decision?: { metrics?: unknown } } | null)?.decision?.metrics;
  return Array.isArray(metrics) ? metrics.filter((name) => typeof name === 'string') : ['dice'];
}

function changes(before: Setting, after: Setting): IterationView['changed'] {
  return (Object.keys(after) as (keyof Setting)[])
    .filter((field) => before[field] !== after[field])
    .map((field) => ({ field, from: before[field], to: after[field] }));
}

function spreads(runs: RunView[]): Record<string, Spread> {
  const finished = runs.filter((run) => run.state === 'finished' && run.metrics);
  const names = new Set(finished.flatMap((run) => Object.keys(run.metrics ?? {})));
  const entries = [...names].map((name): [string, Spread] => {
    const values = finished.map((run) => run.metrics?.[name]).filter((value) => value !== undefined);
    const mean = sum(values) / values.length;
    const variance = sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1);
    return [name, { mean, sd: values.length > 1 ? Math.sqrt(variance) : null, runs: values.length }];
  });
  return Object.fromEntries(entries);
}

function differences(metrics: Record<string, Spread>, baseline: Record<string, Spread>): Metrics {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, { mean }]) => {
      const reference = baseline[name];
      return reference ? [[name, mean - reference.mean]] : [];
    }),
  );
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

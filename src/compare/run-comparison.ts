import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Store, StudyRecord } from '../../db/index.ts';
import type { ResolvedStudyConfig } from '../config/resolve.ts';
import { launcherFrom } from '../engine/launchers.ts';
import { takeLease } from '../engine/study/lease.ts';
import { stopSwitch } from '../engine/study/stop-switch.ts';
import type { Launcher } from '../launcher/launcher.ts';
import { comparisonSpent, spendingOf } from './budget.ts';
import { openComparison } from './open-comparison.ts';
import { paceOf } from './pace.ts';
import { compareSection, comparisonPlan, guidelineRuns, type PlannedRun, searchName } from './plan.ts';
import type { ComparisonEnd, OnComparison } from './progress.ts';
import { searchSetting } from './search-setting.ts';
import { isDone, trainCell } from './train-cell.ts';

export interface RunComparisonOptions {
  /** A study's config; its `compare` section says what is trained beside it. */
  config: ResolvedStudyConfig;
  /** The project folder: `runs/` is made in it. */
  directory: string;
  store: Store;
  onProgress?: OnComparison;
  /** Aborting stops the trainings cleanly; the same call goes on. */
  signal?: AbortSignal;
  /** Left out: the one the config names. */
  launcher?: Launcher;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Pause before attempt n (n ≥ 2), milliseconds. Left out: 1 s, doubled each time, at most a minute. */
  retryDelayMs?: (attempt: number) => number;
}

/** Milliseconds between looks at the clock and the lease. */
const tickMs = 1000;

const defaultRetryDelayMs = (attempt: number) => Math.min(60_000, 1000 * 2 ** (attempt - 2));

/** Trains what a comparison lacks, or goes on with it. What has ended is never trained again. */
export async function runComparison(options: RunComparisonOptions): Promise<ComparisonEnd> {
  const { config, store, now = Date.now, onProgress = () => {} } = options;
  const directory = resolve(options.directory);
  const comparison = openComparison({ store, config, directory, now });
  const lease = takeLease(store, comparison, now);
  try {
    const end = await drive({ ...options, directory, now, onProgress, comparison, renew: lease.renew });
    const { state, reason } = end;
    store.appendEvent(comparison.id, { type: 'comparison.ended', ...{ state, reason } }, now());
    onProgress({ type: 'comparison.ended', comparison: comparison.name, state, reason });
    return end;
  } finally {
    lease.release();
  }
}

interface DriveOptions extends RunComparisonOptions {
  comparison: StudyRecord;
  now: () => number;
  onProgress: OnComparison;
  renew: () => void;
}

async function drive(options: DriveOptions): Promise<ComparisonEnd> {
  const { config, directory, store, comparison, now, onProgress, renew } = options;
  const plan = comparisonPlan(config);
  const { budget, iterations, seeds } = compareSection(config);
  const launcher = options.launcher ?? launcherFrom(config.launcher);
  const concurrentRuns = config.concurrentRuns ?? (launcher.name === 'local' ? Math.min(4, availableParallelism()) : 1);
  const retryDelayMs = options.retryDelayMs ?? defaultRetryDelayMs;
  const stops = stopSwitch(options.signal);
  const known: PlannedRun[] = [...plan.runs];
  const searches = plan.searches.map((workers) => searchName(config, workers));
  const studyIds = [comparison.id, ...searches];
  const pace = paceOf(now);
  /** A program that does not run would fail in every cell. */
  let failed: string | null = null;
  let searchesLeft = plan.searches.length;

  const done = () => known.filter((run) => isDone(store, comparison.id, run)).length;
  const left = () => known.length - done() + searchesLeft * (iterations + seeds);

  /** Why nothing new is begun, once that is so; what is under way may still end. */
  let full: string | null = null;

  function mayBegin(): boolean {
    full ??= comparisonSpent(budget, spendingOf(store, studyIds), 'newRun');
    return full === null;
  }

  function stopWhenSpent(): void {
    const reason = comparisonSpent(budget, spendingOf(store, studyIds), 'running');
    if (reason !== null) stops.end({ type: 'budget.spent', reason });
  }

  async function train(planned: PlannedRun): Promise<void> {
    const { end, trained } = await trainCell({
      store,
      config,
      launcher,
      project: directory,
      concurrentRuns,
      comparisonId: comparison.id,
      searches,
      planned,
      onProgress,
      signal: stops.signal,
      interrupted: () => stops.event() === null && stops.failure() === null,
      now,
      retryDelayMs,
    });
    if (trained && end.state !== 'stopped') pace.ended();
    if (end.state === 'failed') {
      failed ??= `${planned.request.key}: ${end.reason}`;
      stops.halt();
    }
    if (trained) {
      const secondsLeft = pace.secondsLeft(left());
      onProgress({
        type: 'cell.ended',
        key: planned.request.key,
        ...end,
        done: done(),
        runs: known.length,
        secondsLeft,
      });
    }
  }

  /** So many at a time as fit; none is begun once the budget is spent. */
  async function inPool(tasks: readonly (() => Promise<void>)[]): Promise<void> {
    const waiting = [...tasks];
    const active = new Set<Promise<void>>();
    while (!stops.signal.aborted && ((waiting.length > 0 && full === null) || active.size > 0)) {
      while (active.size < concurrentRuns && waiting.length > 0 && mayBegin()) {
        const one: Promise<void> = waiting.shift()!()
          .catch(stops.fail)
          .finally(() => active.delete(one));
        active.add(one);
      }
      if (active.size > 0) await Promise.race(active);
    }
    await Promise.all(active);
  }

  const trainAll = (runs: readonly PlannedRun[]) =>
    inPool(runs.filter((run) => !isDone(store, comparison.id, run)).map((run) => () => train(run)));

  async function search(workers: number): Promise<void> {
    const found = await searchSetting({
      store,
      config: { ...config, concurrentRuns: 1 },
      comparisonId: comparison.id,
      workers,
      directory,
      launcher,
      signal: stops.signal,
      onProgress: (event) => {
        if (event.type === 'inner' && event.event.type === 'run.started') stopWhenSpent();
        if (event.type === 'inner' && event.event.type === 'run.ended') pace.ended();
        onProgress(event);
      },
      now,
      retryDelayMs,
    });
    if (found.state === 'stopped') return;
    searchesLeft -= 1;
    if (found.state === 'found') known.push(...guidelineRuns(config, workers, found.setting));
  }

  const ticking = setInterval(() => {
    try {
      renew();
      stopWhenSpent();
    } catch (thrown) {
      stops.fail(thrown);
    }
  }, tickMs);
  try {
    const resumed = store.eventsOf(comparison.id, { types: ['session.started'], limit: 1 }).length > 0;
    store.appendEvent(
      comparison.id,
      { type: 'session.started', ...{ pid: process.pid, launcher: launcher.name } },
      now(),
    );
    const { simulated } = comparison;
    onProgress({
      type: 'comparison.started',
      comparison: plan.name,
      runs: known.length,
      done: done(),
      simulated,
      resumed,
    });
    await trainAll(plan.runs.filter(({ policy, request }) => policy === 'baseline' || request.repeat === 1));
    await inPool(plan.searches.map((workers) => () => search(workers)));
    await trainAll(byRepeat(known));
    const failure = stops.failure();
    if (failure !== null) throw failure.thrown;
    if (failed !== null) return { state: 'failed', reason: failed };
    const spent = stops.event()?.reason ?? full;
    if (spent !== null) return { state: 'budgetSpent', reason: spent };
    if (stops.signal.aborted) return { state: 'stopped', reason: String(stops.signal.reason) };
    return { state: 'complete', reason: `all ${known.length} runs have ended` };
  } finally {
    clearInterval(ticking);
    stops.dispose();
  }
}

/** Whole repeats first, so that a comparison that is cut short is a smaller comparison. */
function byRepeat(runs: readonly PlannedRun[]): PlannedRun[] {
  return [...runs].sort((a, b) => a.request.repeat - b.request.repeat);
}

import type { RunRecord } from '../../db/index.ts';
import { metricNames } from '../config/decision-metrics.ts';
import type { ResolvedStudyConfig } from '../config/resolve.ts';
import { storedConfig } from '../config/stored.ts';
import type { OnProgress } from '../domain/progress.ts';
import type { Setting } from '../domain/setting.ts';
import type { StudyOutcome } from '../domain/study.ts';
import { count } from '../domain/text/format.ts';
import type { WantedParts } from '../engine/attempt/deciding-parts.ts';
import { guidelineKind } from '../engine/plans/guideline-kind.ts';
import {
  type Driven,
  inOrder,
  type Part,
  type Plan,
  type PlannedRun,
  type Session,
  sideBySide,
} from '../engine/plans/plan.ts';
import { endingOf, storeEvent } from '../engine/plans/store-event.ts';
import { scaleOf } from '../engine/plans/study-metrics.ts';
import { studyHistory } from '../report/history/history.ts';
import { type CellRun, compareSection, comparisonCells, foundRuns, mostSearchRuns, searchName } from './cells.ts';
import { confirmedCells } from './confirmed.ts';
import { reusableRun } from './reuse.ts';

/** A comparison chooses nothing: it compares results on the test part. */
const cellParts: WantedParts = { split: 'auto', settled: null, known: true, confirms: true };

/** Progress of a comparison. */
export interface Standing {
  done: number;
  /** Runs known so far. */
  runs: number;
  /** Maximum number of runs still to be trained. */
  left: number;
}

export interface ComparisonPlan extends Plan {
  standing(): Standing;
}

/** Order: baselines and one repeat of every cell, then the search for each worker count, then the other repeats. */
export function comparisonPlan(session: Session, onSearch: (workers: number) => OnProgress): ComparisonPlan {
  const { store, study, config, now } = session;
  const { runs, searches } = comparisonCells(config);
  const { seeds } = compareSection(config);
  const confirmed = confirmedCells(session);
  const known = [...runs, ...confirmed.runs];
  let ending: { outcome: StudyOutcome; reason: string } | null = null;

  /** Whether this run has a result. A failed run has none and is tried again. */
  function isDone({ request }: CellRun): boolean {
    const state = store.runByKey(study.id, request.key)?.state;
    return state === 'finished' || state === 'diverged';
  }

  function reuse(cell: CellRun, { id, key }: RunRecord): boolean {
    const other = reusableRun(session, cell);
    if (other === null) return false;
    const { id: from, metrics } = other;
    store.transaction(() => {
      store.setRunOrigin(id, 'imported');
      store.markRunEnded(id, { state: 'finished', reason: `taken from ${from}`, metrics, timeMs: now() });
      store.appendEvent(study.id, { type: 'cell.reused', key, from }, now());
    });
    session.say({ type: 'run.reused', key, from });
    return true;
  }

  function plannedRun(cell: CellRun): PlannedRun {
    const { policy, request, seed, schedule } = cell;
    const why = `Comparing policies: ${policy} on ${count(request.workers, 'worker')}, repeat ${request.repeat}.`;
    const planned = { request, seed, why, parts: cellParts, reuse: (run: RunRecord) => reuse(cell, run) };
    return schedule === undefined ? planned : { ...planned, schedule };
  }

  const cells = (list: () => readonly CellRun[]): Part => ({
    *pending() {
      for (const cell of list()) if (!isDone(cell)) yield plannedRun(cell);
    },
    ended: () => list().every(isDone),
  });

  function trainedIn(workers: number): number {
    const found = store.study(searchName(config, workers));
    return found === undefined ? 0 : store.runsOf(found.id).filter(({ kind }) => kind !== 'baseline').length;
  }

  const settings = searches.map((workers) =>
    search(session, workers, onSearch(workers), (setting) => {
      if (setting !== null) known.push(...foundRuns(config, { policy: 'guideline', workers, setting }));
    }),
  );
  const parts = inOrder(
    cells(() => runs.filter(({ policy, request }) => policy === 'baseline' || request.repeat === 1)),
    sideBySide(...settings),
    cells(() => byRepeat(known)),
  );
  const outcome: Plan['outcome'] = () =>
    ending ??
    (parts.ended()
      ? { outcome: 'complete', reason: `${known.length === 1 ? 'its run has' : `all ${known.length} runs have`} ended` }
      : null);
  return {
    *pending() {
      for (const message of confirmed.doubts.splice(0)) session.say({ type: 'warning', key: null, message });
      if (outcome() === null) yield* parts.pending();
    },
    outcome,
    record(event, alongside) {
      storeEvent(session, event, alongside);
      // A program that does not run would fail in every cell.
      if (event.type === 'run.failed') ending ??= { outcome: 'failed', reason: `${event.key}: ${event.reason}` };
      ending ??= endingOf(event);
      return [];
    },
    standing() {
      const done = known.filter(isDone).length;
      const searching = searches.filter((_, index) => !settings[index]?.ended());
      const searched = searching.map((workers) => Math.max(0, mostSearchRuns(config) - trainedIn(workers)) + seeds);
      return { done, runs: known.length, left: known.length - done + searched.reduce((sum, runs) => sum + runs, 0) };
    },
  };
}

/** The guideline's study for one worker count, on the comparison's baseline. Finds the confirmed or best setting. */
function search(session: Session, workers: number, say: OnProgress, onFound: (setting: Setting | null) => void): Part {
  const { store, config } = session;
  const name = searchName(config, workers);
  let inner: Driven | null = null;
  let over = false;

  function find(): void {
    over = true;
    const study = store.study(name);
    const best = study === undefined ? null : studyHistory(store, study, { range: { from: 0, to: -1 } }).best;
    onFound(best?.setting ?? null);
  }

  function open(): Driven | null {
    const stored = store.study(name);
    if (stored !== undefined && stored.outcome !== null) return null;
    const task = searchConfig(session, workers);
    if (task !== null) {
      const driven = session.open(guidelineKind, task, say);
      const { scale } = scaleOf(session);
      // Its baseline, taken from the comparison, is in fractions; its trainer reports on the comparison's scale.
      if (scale !== null && store.lastEventOf(driven.session.study.id, ['scale.settled']) === undefined) {
        driven.meaning.settle(scale, 'the comparison');
      }
      return driven;
    }
    session.say({
      type: 'warning',
      key: null,
      message: `Study ${name} needs a baseline, and no baseline run has finished.`,
    });
    return null;
  }

  function ended(): boolean {
    if (!over && inner !== null && inner.plan.outcome() !== null) find();
    return over;
  }

  return {
    *pending() {
      if (ended()) return;
      inner ??= open();
      if (inner === null) return find();
      // One run at a time: concurrent runs go to different worker counts.
      for (const { reuse: _, ...run } of inner.plan.pending()) return yield { ...run, within: inner };
    },
    ended,
  };
}

/** Config of the search's own study. A stored one keeps its first baseline even if the comparison has gained seeds. */
function searchConfig({ store, study, config }: Session, workers: number): ResolvedStudyConfig | null {
  const { compare: _, ...task } = config;
  const name = searchName(config, workers);
  const stored = store.study(name);
  const runs =
    (stored && storedConfig(stored).baseline.runs) ??
    store
      .runsOf(study.id)
      .filter(({ kind, state }) => kind === 'baseline' && state === 'finished')
      .flatMap(({ metrics }) => (metrics === null ? [] : [only(metrics, metricNames(config.decision))]));
  if (runs.length === 0) return null;
  return {
    ...task,
    concurrentRuns: 1,
    trainAhead: false,
    name,
    workers,
    baseline: { runs, seeds: runs.length, extend: 'never' },
    budget: { iterations: compareSection(config).iterations },
  };
}

function only(metrics: Record<string, number>, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.flatMap((name) => (metrics[name] === undefined ? [] : [[name, metrics[name]]])));
}

/** Sorts by repeat, so that a comparison cut short is still a complete, smaller one. */
function byRepeat(runs: readonly CellRun[]): CellRun[] {
  return [...runs].sort((a, b) => a.request.repeat - b.request.repeat);
}

import type { StudyRecord } from '../../db/index.ts';
import { isBaselineGiven } from '../config/given-baseline.ts';
import { workerCounts } from '../config/scale-section.ts';
import { storedConfig } from '../config/stored.ts';
import type { StudyOutcome } from '../domain/study.ts';
import { count } from '../domain/text/format.ts';
import { guidelineKind } from '../engine/plans/guideline-kind.ts';
import { type Driven, inOrder, type Part, type Plan, type PlannedRun, type Session } from '../engine/plans/plan.ts';
import { endingOf, storeEvent } from '../engine/plans/store-event.ts';
import { takeResult } from '../engine/study/same-training.ts';
import { type ConfirmedBefore, confirmedSetting, countConfig, countName } from './counts.ts';

type Ending = { outcome: StudyOutcome; reason: string };

/** A part of the plan: the study of one worker count. */
interface Count extends Part {
  workers: number;
  /** Its stored outcome and reason; null until it is stored. */
  study(): Pick<StudyRecord, 'outcome' | 'reason'> | null;
}

/** Studies one worker count after another until one is not shown to be without loss. */
export function scalePlan(session: Session): Plan {
  const { config } = session;
  let ending: Ending | null = null;
  const counts = workerCounts(config).map((workers, index, all) => countPart(session, workers, all.slice(0, index)));
  const parts = inOrder(...counts);

  function outcome(): Ending | null {
    if (ending !== null) return ending;
    const reached: number[] = [];
    for (const one of counts) {
      if (!one.ended()) return null;
      const ended = one.study();
      if (ended?.outcome !== 'noLoss') return notHad(one.workers, ended, reached);
      reached.push(one.workers);
    }
    return { outcome: 'complete', reason: reachedText(reached) };
  }

  return {
    *pending() {
      if (outcome() === null) yield* parts.pending();
    },
    outcome,
    record(event, alongside) {
      storeEvent(session, event, alongside);
      ending ??= endingOf(event);
      return [];
    },
  };
}

/** The ending of the scaling, given by the first count not shown to be without loss. */
function notHad(workers: number, ended: Pick<StudyRecord, 'outcome' | 'reason'> | null, reached: number[]): Ending {
  const state = ended?.outcome ?? 'failed';
  const why = `${workers} workers: ${ended?.reason ?? 'the study could not be started'}`;
  const sofar = reached.length === 0 ? 'no worker count was shown to be without loss' : reachedText(reached);
  return { outcome: state, reason: `${sofar}. ${why}` };
}

function reachedText(reached: readonly number[]): string {
  const last = reached.at(-1) ?? 1;
  return `no accuracy loss on ${reached.length === 1 ? count(last, 'worker') : `${reached.slice(0, -1).join(', ')} and ${last} workers`}`;
}

function countPart(session: Session, workers: number, fewer: readonly number[]): Count {
  const { store, config, say } = session;
  const ofScaling = fewer.map((k) => countName(config, k));
  const name = countName(config, workers);
  let inner: Driven | null = null;

  function before(): ConfirmedBefore | null {
    for (const k of [...fewer].reverse()) {
      const setting = confirmedSetting(store, countName(config, k));
      if (setting !== null) return { workers: k, setting };
    }
    return null;
  }

  /** The most finished baseline runs of any smaller count; a stored study keeps the number it began with. */
  function baselineRuns(stored: StudyRecord | undefined): number {
    if (stored !== undefined) return storedConfig(stored).baseline.seeds;
    const known = fewer.map((k) => finishedBaselineRuns(countName(config, k)));
    return Math.max(0, ...known);
  }

  function finishedBaselineRuns(study: string): number {
    const stored = store.study(study);
    if (stored === undefined || isBaselineGiven(config)) return 0;
    return store.runsOfBaseline(stored.id).filter(({ state }) => state === 'finished').length;
  }

  function wanted(stored: StudyRecord | undefined) {
    return countConfig(config, { workers, before: before(), baselineRuns: baselineRuns(stored) });
  }

  /** Whether the study has ended and resuming it would change nothing. */
  function isOver(stored: StudyRecord | undefined): boolean {
    if (stored === undefined || stored.outcome === null) return false;
    if (stored.outcome === 'budgetSpent') {
      return storedConfig(stored).budget.iterations >= wanted(stored).budget.iterations;
    }
    return stored.outcome === 'noLoss' || stored.outcome === 'exhausted';
  }

  return {
    workers,
    study: () => store.study(name) ?? null,
    ended: () => (inner === null ? isOver(store.study(name)) : inner.plan.outcome() !== null),
    *pending() {
      inner ??= session.open(guidelineKind, wanted(store.study(name)), say, { reopen: true });
      const within = inner;
      for (const run of within.plan.pending()) {
        const planned: PlannedRun = {
          ...run,
          within,
          // First a result trained ahead of its turn (`run.reuse`), then the same training in another study.
          reuse: (record) => run.reuse?.(record) === true || takeResult(within.session, within.plan, record, ofScaling),
        };
        yield planned;
      }
    },
  };
}

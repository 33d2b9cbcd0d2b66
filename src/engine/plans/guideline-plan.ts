import { guidelineEventTypes, type Store } from '../../../db/index.ts';
import {
  advance,
  decisions,
  describeNext,
  type GuidelineState,
  iterations,
  outcome,
  pendingRuns,
  runsAhead,
  start,
} from '../../../machines/guideline/index.ts';
import type { Decision, RunRequest } from '../../domain/study.ts';
import { runSeed } from '../run/run-seed.ts';
import { declareCapabilities } from './declare-capabilities.ts';
import { giveBaseline } from './given-baseline.ts';
import { guidelineInputOf } from './guideline-input.ts';
import type { OpenStudy, Plan, PlannedRun } from './plan.ts';
import { requireSameDecisions } from './same-decisions.ts';

/** A guideline's plan, which also predicts the runs it may want next. */
export interface GuidelinePlan extends Plan {
  /** At most `most` runs that it would want next if the pending results brought no surprise. */
  ahead(most: number): RunRequest[];
}

/**
 * The guideline as a study's plan: its state is folded from the event log, never stored. Throws if another version's
 * rule made decisions that the log no longer leads to.
 */
export function guidelinePlan(open: OpenStudy): GuidelinePlan {
  const { store, config, now } = open;
  const studyId = open.study.id;
  let state = sameState(open);
  const stored = { decisions: store.decisionsOf(studyId).length, iterations: 0 };
  store.transaction(() => {
    storeNews(lastGuidelineEvent());
    const ended = outcome(state);
    if (ended !== null && store.study(studyId)?.outcome === null)
      store.setOutcome(studyId, { ...ended, timeMs: now() });
  });

  function lastGuidelineEvent(): number {
    return store.eventsOf(studyId, { types: guidelineEventTypes }).at(-1)?.sequence ?? 0;
  }

  function storeNews(eventSequence: number): readonly Decision[] {
    const timeMs = now();
    for (const { number, action, parent, setting } of iterations(state).slice(stored.iterations)) {
      store.insertIteration({ studyId, number, action, parent, setting, createdMs: timeMs });
    }
    const news = decisions(state).slice(stored.decisions);
    for (const decision of news) store.insertDecision({ ...decision, studyId, eventSequence, timeMs });
    stored.iterations = iterations(state).length;
    stored.decisions = decisions(state).length;
    return news;
  }

  const plan: GuidelinePlan = {
    ahead: (most) => runsAhead(state, most),
    pending: () =>
      pendingRuns(state).map((request) => ({ request, why: describeNext(state), ...seedOf(request, config.seed) })),
    outcome: () => outcome(state),
    begin: () => giveBaseline(open, plan),
    trainerStarted: (event, say) => declareCapabilities({ ...open, plan, say }, event),
    record(event, alongside) {
      const next = advance(state, event);
      const before = { state, ...stored };
      try {
        return store.transaction(() => {
          alongside?.();
          const sequence = store.appendEvent(studyId, event, now());
          state = next;
          const news = storeNews(sequence);
          const ended = outcome(state);
          if (ended !== null) store.setOutcome(studyId, { ...ended, timeMs: now() });
          else store.touchStudy(studyId, now());
          return news;
        });
      } catch (thrown) {
        state = before.state;
        stored.decisions = before.decisions;
        stored.iterations = before.iterations;
        throw thrown;
      }
    },
  };
  return plan;
}

/** The state that the study's events lead to. Throws if an unfinished study has stored decisions that differ. */
export function sameState({
  store,
  study: { id, name, outcome: ended },
  config,
}: Omit<OpenStudy, 'now'>): GuidelineState {
  const dropped = droppedEvents(store, id);
  const state = store
    .eventsOf(id, { types: guidelineEventTypes })
    .filter(({ sequence }) => !dropped.has(sequence))
    .reduce((before, { event }) => advance(before, event), start(guidelineInputOf(config)));
  if (ended === null) requireSameDecisions(name, store.decisionsOf(id), decisions(state));
  return state;
}

/** A longer run of the baseline differs from the original only in length, so it has the same seed. */
function seedOf({ kind, iteration, repeat }: RunRequest, studySeed: number): Pick<PlannedRun, 'seed'> {
  return kind === 'baseline' && iteration !== null ? { seed: runSeed(studySeed, `baseline-${repeat}`) } : {};
}

/** Events revoked by reopening the study; they stay in the log. */
export function droppedEvents(store: Store, studyId: string): ReadonlySet<number> {
  const reopened = store.eventsOf(studyId, { types: ['study.reopened'] });
  return new Set(reopened.flatMap(({ event }) => event.dropped));
}

/** Revokes what ended a study, so that it continues from the state before. */
export function reopenStudy(store: Store, studyId: string, timeMs: number): void {
  const already = droppedEvents(store, studyId);
  const dropped = store
    .eventsOf(studyId, { types: ['run.failed', 'budget.spent', 'study.cancelled'] })
    .map(({ sequence }) => sequence)
    .filter((sequence) => !already.has(sequence));
  store.transaction(() => {
    store.appendEvent(studyId, { type: 'study.reopened', dropped }, timeMs);
    // A study that ended by itself makes its last decision again.
    const made = store.decisionsOf(studyId);
    const since =
      made.find(({ eventSequence }) => dropped.includes(eventSequence)) ?? made.find(({ next }) => 'outcome' in next);
    if (since) store.deleteDecisionsAfter(studyId, since.sequence - 1);
    store.setOutcome(studyId, { outcome: null, reason: null, timeMs });
  });
}

import { guidelineEventTypes } from '../../../db/index.ts';
import { advance, decisions, iterations, outcome, start } from '../../../machines/guideline/index.ts';
import { guidelineInputOf } from '../plans/guideline-input.ts';
import { droppedEvents } from '../plans/guideline-plan.ts';
import type { OpenStudy } from '../plans/plan.ts';
import { differingDecision } from '../plans/same-decisions.ts';

/**
 * Stores the missing iterations, decisions and outcome that a study's events lead to. They follow from these alone,
 * so they are the same again. Adds nothing if another version's rule decided differently. Returns the new decisions'
 * numbers.
 */
export function deriveAgain({ store, study, config }: Omit<OpenStudy, 'now'>): number[] {
  const studyId = study.id;
  const dropped = droppedEvents(store, studyId);
  const events = store
    .eventsOf(studyId, { types: guidelineEventTypes })
    .filter(({ sequence }) => !dropped.has(sequence));
  const made = store.decisionsOf(studyId);
  const all = decisions(events.reduce((before, { event }) => advance(before, event), start(guidelineInputOf(config))));
  if (differingDecision(made, all) !== null) return [];
  const stored = made.length;
  const known = store.iterationsOf(studyId).length;
  const derived: number[] = [];
  let state = start(guidelineInputOf(config));
  let timeMs = study.createdMs;
  const storeIterations = () => {
    for (const { number, action, parent, setting } of iterations(state).slice(known))
      store.insertIteration({ studyId, number, action, parent, setting, createdMs: timeMs });
  };
  store.transaction(() => {
    storeIterations();
    for (const { sequence, event, timeMs: at } of events) {
      const before = decisions(state).length;
      state = advance(state, event);
      timeMs = at;
      storeIterations();
      for (const decision of decisions(state).slice(Math.max(before, stored))) {
        store.insertDecision({ ...decision, studyId, eventSequence: sequence, timeMs });
        derived.push(decision.sequence);
      }
    }
    const ended = outcome(state);
    if (ended !== null && study.outcome === null) store.setOutcome(studyId, { ...ended, timeMs });
  });
  return derived;
}

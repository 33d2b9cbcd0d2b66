import type { GuidelineEvent, StudyOutcome } from '../../domain/study.ts';
import type { OpenStudy } from './plan.ts';

/** Appends an event that triggers no decision to the study's log, in one transaction with `alongside`. */
export function storeEvent({ store, study, now }: OpenStudy, event: GuidelineEvent, alongside?: () => void): void {
  store.transaction(() => {
    alongside?.();
    store.appendEvent(study.id, event, now());
    store.touchStudy(study.id, now());
  });
}

/** The outcome if the event ends any study (its budget is spent, or it was cancelled); null for other events. */
export function endingOf(event: GuidelineEvent): { outcome: StudyOutcome; reason: string } | null {
  if (event.type === 'budget.spent') return { outcome: 'budgetSpent', reason: event.reason };
  return event.type === 'study.cancelled' ? { outcome: 'cancelled', reason: event.reason } : null;
}

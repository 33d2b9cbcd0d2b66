import type { StudyOutcome, Verdict } from '../domain/study.ts';

export const verdictText: Record<Verdict, string> = {
  baseline: 'baseline',
  reached: 'reached',
  undecided: 'undecided',
  confirmed: 'confirmed',
  notConfirmed: 'not confirmed',
  confirmedExtended: 'no loss too',
  notConfirmedExtended: 'not shown',
  improved: 'improved',
  degraded: 'degraded',
  cannotTell: 'cannot tell yet',
  diverged: 'diverged',
  ended: 'ended',
};

/** What an outcome means, as a sentence's end. */
export const outcomeText: Record<StudyOutcome, string> = {
  noLoss: 'no accuracy loss, confirmed',
  exhausted: 'every action of the guideline was tried; none was shown to keep the accuracy',
  complete: 'all its runs have ended',
  budgetSpent: 'the budget was spent before an answer was found',
  cancelled: 'it was ended by hand',
  failed: 'it could not continue',
};

/** A stored reason without the outcome's key at its end, as earlier versions wrote it. */
export function plainReason(reason: string): string {
  const [sentence, key, more = ''] = /^(.*) \((\w+)(, unverified)?\)$/s.exec(reason)?.slice(1) ?? [];
  if (sentence === undefined || key === undefined || !Object.hasOwn(outcomeText, key)) return reason;
  return more === '' ? sentence : `${sentence} (unverified)`;
}

/** The same; null where nothing is stored. */
export function plainReasonOf({ reason }: { reason: string | null }): string | null {
  return reason === null ? null : plainReason(reason);
}

/** What an outcome means, in two or three words. */
export const outcomeLabel: Record<StudyOutcome, string> = {
  noLoss: 'No accuracy loss',
  exhausted: 'Every action was tried',
  complete: 'Complete',
  budgetSpent: 'The budget is spent',
  cancelled: 'Cancelled',
  failed: 'Failed',
};

export const simulatedNotice = 'SIMULATED: these numbers come from the simulated trainer. Nothing was trained.';

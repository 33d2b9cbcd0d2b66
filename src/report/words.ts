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
  exhausted: 'every action of the guideline was tried, and none kept the accuracy',
  complete: 'all its runs have ended',
  budgetSpent: 'the budget was spent before an answer was found',
  cancelled: 'cancelled',
  failed: 'failed',
};

/** The same in two or three words. */
export const outcomeLabel: Record<StudyOutcome, string> = {
  noLoss: 'No accuracy loss',
  exhausted: 'Every action was tried',
  complete: 'Complete',
  budgetSpent: 'The budget is spent',
  cancelled: 'Cancelled',
  failed: 'Failed',
};

export const simulatedNotice = 'SIMULATED: these numbers come from the simulated trainer. Nothing was trained.';

import { AutopilotError } from '../../domain/errors.ts';
import type { Decision } from '../../domain/study.ts';

type Decided = Pick<Decision, 'sequence' | 'iteration' | 'verdict' | 'next'>;

/**
 * Describes the first stored decision that the study's events no longer lead to; null if all match. Compares verdicts
 * and what follows from them, not wording. Decisions differ if a version of autopilot with another decision rule made
 * them.
 */
export function differingDecision(stored: readonly Decided[], derived: readonly Decided[]): string | null {
  const index = stored.findIndex((decision, at) => textOf(decision) !== textOf(derived[at]));
  const decision = stored[index];
  if (decision === undefined) return null;
  return `decision ${decision.sequence} is stored as ${textOf(decision)}, but the same runs would give ${textOf(derived[index])} today`;
}

/** Refuses to continue a study whose stored decisions its events do not lead to: new ones would not follow. */
export function requireSameDecisions(study: string, stored: readonly Decided[], derived: readonly Decided[]): void {
  const differing = differingDecision(stored, derived);
  if (differing === null) return;
  throw new AutopilotError(
    'study.rule',
    `Study "${study}" cannot continue as it began: ${differing}. It was started by an autopilot with a different decision rule, or with a larger budget. ` +
      'Put the budget back, continue with that autopilot, or run it under another name (name: …, or --fresh-name): its finished trainings are reused.',
  );
}

function textOf(decision: Decided | undefined): string {
  if (decision === undefined) return 'none';
  const { iteration, verdict, next } = decision;
  const of = iteration === null ? 'of the baseline' : `of iteration ${iteration}`;
  return `"${verdict}" ${of}, then ${'outcome' in next ? `the end, ${next.outcome}` : next.action}`;
}

import type { Doubt } from '../../../domain/measured.ts';
import type { StudyOutcome } from '../../../domain/study.ts';
import { outcomeLabel } from '../../../report/words.ts';

const outcomeTone: Record<StudyOutcome, string> = {
  noLoss: 'good',
  complete: 'good',
  failed: 'bad',
  exhausted: 'warn',
  budgetSpent: 'warn',
  cancelled: 'quiet',
};

/**
 * `unverified`: why the runs may differ from what was requested; with any of it, "no loss" is not stated as certain.
 */
export function Outcome({ outcome, unverified }: { outcome: StudyOutcome | null; unverified: readonly Doubt[] }) {
  if (outcome === null) return <span class="quiet">not ended</span>;
  const doubted = outcome === 'noLoss' && unverified.length > 0;
  return (
    <span class={doubted ? 'warn' : outcomeTone[outcome]}>
      {outcomeLabel[outcome]}
      {doubted && ', unverified'}
    </span>
  );
}

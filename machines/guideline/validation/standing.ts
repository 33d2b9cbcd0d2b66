import { alphaSpentBy, type Standing } from '../../decision/index.ts';
import type { GuidelineContext } from '../context.ts';

/** `ahead` is 1 if the current setting would be the next candidate, 0 if it is one already. */
export function standing(context: GuidelineContext, ahead: 0 | 1): Standing {
  const { baseline, baselineSummary, iterations, input } = context;
  const candidates = iterations.filter(({ action }) => action === 'validate').map(({ number }) => number);
  const earlier = ahead === 1 ? candidates : candidates.slice(0, -1);
  const { rule } = input;
  const spent = rule.rule === 'nonInferiority' ? earlier.map((number) => spentOn(context, number) / rule.alpha) : [];
  return {
    baseline: baseline.map(({ metrics }) => metrics),
    baselineSummary,
    candidate: candidates.length + ahead,
    unspent: spent.reduce((left, share) => left - share, 1),
  };
}

/** The error rate that the looks of a validation have spent: the most that its decisions state. */
function spentOn({ decisions }: GuidelineContext, validation: number): number {
  const judged = decisions.filter(({ iteration }) => iteration === validation);
  return Math.max(0, ...judged.map(alphaSpentBy));
}

import type { DecisionRuleConfig } from '../../../src/domain/decision-rule.ts';
import type { Decision } from '../../../src/domain/study.ts';
import { number, signed } from '../../decision/format.ts';
import { directionOf, unitOf } from '../../decision/index.ts';

/** "; dice +0.001 against one worker, above −0.006 with 97.5 %": difference and bound; empty if there is no bound. */
export function differenceText(
  observed: Decision['observed'],
  { metrics, definitions }: DecisionRuleConfig,
  against = 'one worker',
): string {
  const primary = metrics[0]!;
  const more = directionOf(primary, definitions) > 0;
  const { difference, candidateAlpha } = observed;
  const bound = more ? observed.lowerBound : observed.upperBound;
  if (typeof difference !== 'number' || typeof bound !== 'number' || typeof candidateAlpha !== 'number') return '';
  const unit = unitOf(primary, definitions);
  const level = number(100 * (1 - candidateAlpha), 1);
  return `; ${primary} ${signed(difference)}${unit} against ${against}, ${more ? 'above' : 'below'} ${signed(bound)}${unit} with ${level} %`;
}

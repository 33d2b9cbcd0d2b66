import { epochsOf } from '../../src/domain/setting.ts';
import { number, plain, signed } from '../decision/format.ts';
import { trivialRemark } from './baseline.ts';
import { confirmedIteration } from './confirmed.ts';
import type { GuidelineContext } from './context.ts';
import { fieldText, speedUpText } from './words.ts';

/**
 * What a study may say of the setting it confirmed: "iteration 4 is confirmed: no accuracy loss with initial rate 0.4, …, epochs
 * 60, which keeps 12 of 18 times the speed; dice +0.001 against one worker, −0.006 at worst (97.5 %)".
 */
export function answerSentence(context: GuidelineContext): string {
  const confirmed = confirmedIteration(context);
  if (confirmed === null) return 'no setting is confirmed';
  const { workers, epochs: ofStudy } = context.input;
  const { setting, number: iteration } = confirmed;
  const epochs = epochsOf(setting, ofStudy);
  const { initialLr, decayCoefficient, warmupEpochs, decayEpochs, optimizer } = setting;
  const values = { optimizer, initialLr, decayCoefficient, warmupEpochs, decayEpochs, epochs };
  const named = Object.entries(values).map(
    ([name, value]) => `${fieldText[name as keyof typeof values]} ${typeof value === 'number' ? plain(value) : value}`,
  );
  return (
    `iteration ${iteration} is confirmed: no accuracy loss${trivialRemark(context)} with ${named.join(', ')}; ` +
    `it keeps ${speedUpText({ workers, epochs, ofStudy })}${intervalText(context)}`
  );
}

/** How far the confirmed setting is from the baseline, and how far it is at worst. */
function intervalText({ confirmed, input }: GuidelineContext): string {
  const observed = confirmed?.observed ?? {};
  const { difference, lowerBound, candidateAlpha } = observed;
  if (typeof difference !== 'number' || typeof lowerBound !== 'number' || typeof candidateAlpha !== 'number') return '';
  const level = number(100 * (1 - candidateAlpha), 1);
  return `; ${input.rule.metrics[0]} ${signed(difference)} against one worker, above ${signed(lowerBound)} with ${level} %`;
}

import type { ActionName, IterationAction } from '../../src/domain/guideline.ts';
import type { Setting } from '../../src/domain/setting.ts';
import { plain } from '../decision/format.ts';

/** What an action does, in the thesis's words (tables 6.1 to 6.10): in tables, sentences, charts and on the page. */
export const actionText: Record<IterationAction, string> = {
  applyDefaults: 'apply default parameters',
  decreaseInitialLr: 'decrease the initial rate',
  increaseDecayCoefficient: 'increase the decay coefficient',
  increaseWarmup: 'increase the warmup',
  extendDecay: 'extend the decay',
  changeOptimizer: 'change the optimizer',
  validate: 'validate',
};

/** "decreasing the initial rate", after "stop". */
export function actionGerund(action: ActionName): string {
  return actionText[action].replace(/^(\w+?)e? /, '$1ing ');
}

const fields: { key: keyof Setting; name: string; unit: string; action: ActionName }[] = [
  { key: 'optimizer', name: 'optimizer', unit: '', action: 'changeOptimizer' },
  { key: 'initialLr', name: 'initial rate', unit: '', action: 'decreaseInitialLr' },
  { key: 'decayCoefficient', name: 'decay coefficient', unit: '', action: 'increaseDecayCoefficient' },
  { key: 'warmupEpochs', name: 'warmup', unit: ' epochs', action: 'increaseWarmup' },
  { key: 'decayEpochs', name: 'decay', unit: ' epochs', action: 'extendDecay' },
];

/** "increase the decay coefficient 3 → 4.5", and what else changes between the two settings. */
export function changePhrase(action: IterationAction, before: Setting, after: Setting): string {
  const changed = fields.filter(({ key }) => before[key] !== after[key]);
  const phrases = changed.map(({ key, name, unit, action: own }) => {
    const values = `${show(before[key])} → ${show(after[key])}${unit}`;
    return own === action ? values : `${name} ${values}`;
  });
  const ownFirst = changed.findIndex(({ action: own }) => own === action);
  if (ownFirst > 0) phrases.unshift(...phrases.splice(ownFirst, 1));
  return [actionText[action], phrases.join(', ')].filter(Boolean).join(' ');
}

function show(value: number | string): string {
  return typeof value === 'number' ? plain(value) : value;
}

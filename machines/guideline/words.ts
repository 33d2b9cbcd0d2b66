import type { ActionName, IterationAction } from '../../src/domain/guideline.ts';
import type { Setting } from '../../src/domain/setting.ts';
import { plain } from '../decision/format.ts';

const names: Record<IterationAction, { doing: string; stop: string }> = {
  applyDefaults: { doing: 'apply the defaults', stop: 'applying the defaults' },
  decreaseInitialLr: { doing: 'decrease the initial rate', stop: 'decreasing the initial rate' },
  increaseDecayCoefficient: { doing: 'increase the decay coefficient', stop: 'increasing the decay coefficient' },
  increaseWarmup: { doing: 'increase warmup', stop: 'increasing warmup' },
  extendDecay: { doing: 'extend decay', stop: 'extending decay' },
  changeOptimizer: { doing: 'change the optimizer', stop: 'changing the optimizer' },
  validate: { doing: 'validate with a new seed', stop: 'validating' },
};

/** "decrease the initial rate". */
export function actionPhrase(action: IterationAction): string {
  return names[action].doing;
}

/** "decreasing the initial rate", after "stop". */
export function actionGerund(action: ActionName): string {
  return names[action].stop;
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
  return [actionPhrase(action), phrases.join(', ')].filter(Boolean).join(' ');
}

function show(value: number | string): string {
  return typeof value === 'number' ? plain(value) : value;
}

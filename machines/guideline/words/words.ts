import type { ActionName, IterationAction } from '../../../src/domain/guideline.ts';
import { type Setting, speedUpKept } from '../../../src/domain/setting.ts';
import { count } from '../../../src/domain/text/format.ts';
import { plain } from '../../decision/format.ts';

/** What an action does, in the thesis's words (tables 6.1 to 6.10), for tables, sentences, charts and the page. */
export const actionText: Record<IterationAction, string> = {
  applyDefaults: 'apply default parameters',
  decreaseInitialLr: 'decrease the initial rate',
  increaseDecayCoefficient: 'increase the decay coefficient',
  increaseWarmup: 'increase the warmup',
  extendDecay: 'extend the decay',
  changeOptimizer: 'change the optimizer',
  extendTraining: 'train longer',
  tuneInitialLr: 'tune the initial rate',
  shortenTraining: 'train shorter',
  validate: 'validate',
  extendBaseline: 'train one worker as long',
};

/** A short form for narrow places: "↓ initial rate". */
export function actionLabel(action: IterationAction): string {
  return actionText[action]
    .replace(/^decrease the /, '↓ ')
    .replace(/^(increase|extend) the /, '↑ ')
    .replace(' the ', ' ');
}

/** "decreasing the initial rate", after "stop". */
export function actionGerund(action: ActionName): string {
  return actionText[action].replace(/^(\w+?)e? /, '$1ing ');
}

/** Names of a setting's fields. */
export const fieldText: Record<keyof Setting, string> = {
  initialLr: 'initial rate',
  decayCoefficient: 'decay coefficient',
  warmupEpochs: 'warmup',
  decayEpochs: 'decay',
  optimizer: 'optimizer',
  epochs: 'epochs',
};

const fields: { key: keyof Setting; unit: string; action: ActionName; or?: ActionName }[] = [
  { key: 'optimizer', unit: '', action: 'changeOptimizer' },
  { key: 'initialLr', unit: '', action: 'decreaseInitialLr', or: 'tuneInitialLr' },
  { key: 'decayCoefficient', unit: '', action: 'increaseDecayCoefficient' },
  { key: 'warmupEpochs', unit: ' epochs', action: 'increaseWarmup' },
  { key: 'decayEpochs', unit: ' epochs', action: 'extendDecay' },
  { key: 'epochs', unit: ' epochs', action: 'extendTraining', or: 'shortenTraining' },
];

/** Whether the action is named after this field. */
export function isFieldOf(field: keyof Setting, action: IterationAction | null): boolean {
  return fields.some((each) => each.key === field && (each.action === action || each.or === action));
}

/** "increase the decay coefficient 3 → 4.5", and what else changes between the two settings. */
export function changePhrase(action: IterationAction, before: Setting, after: Setting): string {
  const changed = fields.filter(({ key }) => before[key] !== after[key]);
  const phrases = changed.map(({ key, unit }) => {
    const values = `${show(before[key])} → ${show(after[key])}${unit}`;
    return isFieldOf(key, action) ? values : `${fieldText[key]} ${values}`;
  });
  const ownFirst = changed.findIndex(({ key }) => isFieldOf(key, action));
  if (ownFirst > 0) phrases.unshift(...phrases.splice(ownFirst, 1));
  return [actionText[action], phrases.join(', ')].filter(Boolean).join(' ');
}

/** What a run keeps of the speed-up: `12 of 18 times the speed`, or `all of the speed-up by 18 workers`. */
export function speedUpText(options: { workers: number; epochs: number; ofStudy: number }): string {
  const kept = Number(speedUpKept(options).toPrecision(3));
  return kept === options.workers
    ? `all of the speed-up by ${count(options.workers, 'worker')}`
    : `${plain(kept)} of ${options.workers} times the speed`;
}

function show(value: number | string | undefined): string {
  return typeof value === 'number' ? plain(value) : (value ?? 'nothing');
}

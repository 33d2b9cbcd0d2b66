import { actionText, fieldText, isFieldOf } from '../../machines/guideline/index.ts';
import type { IterationAction } from '../domain/guideline.ts';
import type { Setting } from '../domain/setting.ts';
import { formatNumber } from '../domain/text/format.ts';

/** One field of a setting that differs from another setting. */
export interface SettingChange {
  field: keyof Setting;
  from: number | string;
  to: number | string;
}

const settingFields = ['initialLr', 'decayCoefficient', 'warmupEpochs', 'decayEpochs', 'optimizer', 'epochs'] as const;

export function settingChanges(before: Setting, after: Setting): SettingChange[] {
  return settingFields
    .filter((field) => before[field] !== undefined && after[field] !== undefined && before[field] !== after[field])
    .map((field) => ({ field, from: before[field]!, to: after[field]! }));
}

/** `initial rate 0.5 → 0.25, optimizer sgd → lars`; empty when nothing changed. */
export function changesText(changes: readonly SettingChange[]): string {
  return changes.map((change) => `${fieldText[change.field]} ${valuesText(change)}`).join(', ');
}

/** `decrease the initial rate: 0.5 → 0.25, optimizer sgd → lars`: the action's own field comes first, unnamed. */
export function actionChangesText(
  action: IterationAction,
  changes: readonly SettingChange[],
  { runs = 1, paint = (text) => text }: { runs?: number; paint?: (text: string) => string } = {},
): string {
  const own = changes.filter(({ field }) => isFieldOf(field, action));
  const others = changes.filter((change) => !own.includes(change));
  const text = [...own.map(valuesText), changesText(others)].filter(Boolean).join(', ');
  return `${actionText[action]}${runs > 1 ? ` (${runs} runs)` : ''}${text === '' ? '' : `: ${paint(text)}`}`;
}

/** `initial rate 0.5, decay coefficient 3, warmup 5, decay 15, optimizer sgd, epochs 40`. */
export function settingText(setting: { [Field in keyof Setting]?: Setting[Field] | undefined }): string {
  return settingFields
    .flatMap((field) => (setting[field] === undefined ? [] : `${fieldText[field]} ${valueText(setting[field])}`))
    .join(', ');
}

function valuesText({ from, to }: SettingChange): string {
  return `${valueText(from)} \u2192 ${valueText(to)}`;
}

function valueText(value: number | string): string {
  return typeof value === 'number' ? formatNumber(value) : value;
}

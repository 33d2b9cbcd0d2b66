import type { Setting } from '../domain/setting.ts';
import { formatNumber } from './format.ts';

/** One field of a setting that differs from another setting. */
export interface SettingChange {
  field: keyof Setting;
  from: number | string;
  to: number | string;
}

const settingFields = ['initialLr', 'decayCoefficient', 'warmupEpochs', 'decayEpochs', 'optimizer'] as const;

const fieldText: Record<keyof Setting, string> = {
  initialLr: 'rate',
  decayCoefficient: 'decay coefficient',
  warmupEpochs: 'warmup',
  decayEpochs: 'decay',
  optimizer: 'optimizer',
};

export function settingChanges(before: Setting, after: Setting): SettingChange[] {
  return settingFields
    .filter((field) => before[field] !== after[field])
    .map((field) => ({ field, from: before[field], to: after[field] }));
}

/** `rate 0.5 → 0.25, optimizer sgd → lars`; empty when nothing changed. */
export function changesText(changes: readonly SettingChange[]): string {
  return changes
    .map(({ field, from, to }) => `${fieldText[field]} ${valueText(from)} \u2192 ${valueText(to)}`)
    .join(', ');
}

/** `rate 0.5, decay coefficient 3, warmup 5, decay 15, optimizer sgd`. */
export function settingText(setting: Setting): string {
  return settingFields.map((field) => `${fieldText[field]} ${valueText(setting[field])}`).join(', ');
}

function valueText(value: number | string): string {
  return typeof value === 'number' ? formatNumber(value) : value;
}

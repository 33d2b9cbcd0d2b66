import type { Setting } from '../domain/setting.ts';

/** How a rate scales with the workers: a schedule's peak is k·η, so the linear rule leaves η unchanged. */
export type RateRule = 'linear' | 'squareRoot';

/** Adam divides by the gradient's magnitude, which averaging over k workers cuts by √k; the others follow the mean. */
export function rateRule({ optimizer }: Pick<Setting, 'optimizer'>): RateRule {
  return optimizer === 'adam' ? 'squareRoot' : 'linear';
}

/**
 * Converts a setting from `from` workers to `to` workers by the linear rule (Goyal et al. 2017), or for Adam by the
 * square root rule (Malladi et al. 2022).
 */
export function scaledSetting<Scaled extends Setting>(
  setting: Scaled,
  { from, to }: { from: number; to: number },
): Scaled {
  if (rateRule(setting) === 'linear') return setting;
  return { ...setting, initialLr: Number((setting.initialLr * Math.sqrt(from / to)).toPrecision(6)) };
}

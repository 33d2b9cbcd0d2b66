import type { Setting } from '../domain/setting.ts';

/** How a rate grows with the workers: a schedule's peak is k·η, so the linear rule leaves η as it is. */
export type RateRule = 'linear' | 'squareRoot';

/** Adam divides by the gradient's size, which averaging over k workers makes smaller by √k; the others follow the mean gradient. */
export function rateRule({ optimizer }: Pick<Setting, 'optimizer'>): RateRule {
  return optimizer === 'adam' ? 'squareRoot' : 'linear';
}

/** A setting of some workers for more of them: the linear rule (Goyal et al. 2017), or the square root for Adam (Malladi et al. 2022). */
export function scaledSetting<Scaled extends Setting>(
  setting: Scaled,
  { from, to }: { from: number; to: number },
): Scaled {
  if (rateRule(setting) === 'linear') return setting;
  return { ...setting, initialLr: Number((setting.initialLr * Math.sqrt(from / to)).toPrecision(6)) };
}

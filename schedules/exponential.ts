import { checkCommon, checkNotNegative, checkRate } from './check.ts';
import type { Schedule } from './schedule.ts';
import { within } from './within.ts';

/** kη·exp(−c·e/E) from the first step on: the last rate is kη·exp(−c). */
export interface ExponentialSpec {
  policy: 'exponential';
  workers: number;
  epochs: number;
  initialLr: number;
  /** c ≥ 0. */
  decayCoefficient: number;
}

export function exponential(spec: ExponentialSpec): Schedule {
  const { policy, workers, epochs, initialLr, decayCoefficient } = spec;
  checkCommon(spec);
  checkNotNegative(policy, 'decayCoefficient', decayCoefficient);
  const peak = workers * initialLr;
  checkRate(policy, 'initialLr', initialLr, peak);
  checkRate(policy, 'decayCoefficient', decayCoefficient, peak * Math.exp(-decayCoefficient));
  return within(epochs, (epoch) => peak * Math.exp(-decayCoefficient * (epoch / epochs)));
}

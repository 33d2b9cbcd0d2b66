import { checkNotNegative, checkRate } from '../check.ts';
import type { Schedule } from '../schedule.ts';

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
  checkNotNegative(policy, 'decayCoefficient', decayCoefficient);
  const peak = workers * initialLr;
  checkRate(policy, 'initialLr', initialLr, peak);
  checkRate(policy, 'decayCoefficient', decayCoefficient, peak * Math.exp(-decayCoefficient));
  return (epoch) => peak * Math.exp(-decayCoefficient * (epoch / epochs));
}

import { checkPositive, checkRate, fail } from '../check.ts';
import type { Schedule } from '../schedule.ts';

/** final + (kη − final)·(1 − e/E)^power, from the first step on. */
export interface PolynomialSpec {
  policy: 'polynomial';
  workers: number;
  epochs: number;
  initialLr: number;
  /** > 0; 1 is a straight line. */
  power: number;
  /** The rate at the end, 0 < finalLr ≤ kη. */
  finalLr: number;
}

export function polynomial(spec: PolynomialSpec): Schedule {
  const { policy, workers, epochs, initialLr, power, finalLr } = spec;
  checkPositive(policy, 'power', power);
  checkPositive(policy, 'finalLr', finalLr);
  const peak = workers * initialLr;
  checkRate(policy, 'initialLr', initialLr, peak);
  if (finalLr > peak) fail(policy, 'finalLr', finalLr, `give at most the peak rate, ${peak}`);
  return (epoch) => finalLr + (peak - finalLr) * (1 - epoch / epochs) ** power;
}

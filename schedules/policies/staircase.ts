import { checkRate, checkSteps } from '../check.ts';
import type { Schedule } from '../schedule.ts';
import { steps } from '../steps.ts';

/** kη from the first step on, multiplied by `factor` at each milestone. */
export interface StaircaseSpec {
  policy: 'staircase';
  workers: number;
  epochs: number;
  initialLr: number;
  /** Epochs, rising. */
  milestones: number[];
  /** 0 < factor ≤ 1. */
  factor: number;
}

export function staircase(spec: StaircaseSpec): Schedule {
  const { policy, workers, epochs, initialLr, milestones, factor } = spec;
  checkSteps(policy, milestones, factor, epochs);
  const peak = workers * initialLr;
  checkRate(policy, 'initialLr', initialLr, peak);
  checkRate(policy, 'factor', factor, peak * factor ** milestones.length);
  const stairs = steps(milestones, factor);
  return (epoch) => peak * stairs(epoch);
}

import { checkFits, checkRate } from '../check.ts';
import type { Schedule } from '../schedule.ts';

/** Goyal et al. 2017 §2.2: the low rate η for the first W epochs, kη from there on. */
export interface ConstantWarmupSpec {
  policy: 'constantWarmup';
  workers: number;
  epochs: number;
  initialLr: number;
  /** W, 0 ≤ W ≤ E. */
  warmupEpochs: number;
}

export function constantWarmup(spec: ConstantWarmupSpec): Schedule {
  checkFits(spec.policy, 'warmupEpochs', spec.warmupEpochs, spec.epochs);
  const peak = spec.workers * spec.initialLr;
  checkRate(spec.policy, 'initialLr', spec.initialLr, peak);
  return (epoch) => (epoch < spec.warmupEpochs ? spec.initialLr : peak);
}

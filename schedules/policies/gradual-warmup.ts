import { checkFits, checkRate, checkSteps, fail } from '../check.ts';
import { ramp } from '../ramp.ts';
import type { Schedule } from '../schedule.ts';
import { steps } from '../steps.ts';

/** Goyal et al. 2017: linear warmup from η to kη over W epochs, then kη·factor at each milestone. */
export interface GradualWarmupSpec {
  policy: 'gradualWarmup';
  workers: number;
  epochs: number;
  initialLr: number;
  /** W, 0 ≤ W ≤ E. */
  warmupEpochs: number;
  /** Epochs, rising, after warmup; `defaultMilestones` gives 30, 60 and 80 % of the training. */
  milestones: number[];
  /** 0 < factor ≤ 1; 0.1 in the paper. */
  factor: number;
}

export function gradualWarmup(spec: GradualWarmupSpec): Schedule {
  const { policy, workers, epochs, initialLr, warmupEpochs, milestones, factor } = spec;
  checkFits(policy, 'warmupEpochs', warmupEpochs, epochs);
  checkSteps(policy, milestones, factor, epochs);
  if (milestones.some((milestone) => milestone < warmupEpochs)) {
    fail(policy, 'milestones', milestones.join(', '), `let the first come after the ${warmupEpochs} epochs of warmup`);
  }
  const peak = workers * initialLr;
  checkRate(policy, 'initialLr', initialLr, peak);
  checkRate(policy, 'factor', factor, peak * factor ** milestones.length);
  const rise = ramp({ from: initialLr, to: peak, epochs: warmupEpochs });
  const stairs = steps(milestones, factor);
  return (epoch) => (epoch < warmupEpochs ? rise(epoch) : peak * stairs(epoch));
}

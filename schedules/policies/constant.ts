import { checkRate, fail } from '../check.ts';
import { type LrScaling, lrScalings, scaledLr } from '../scaling.ts';
import type { Schedule } from '../schedule.ts';

/** One rate from the first step to the last: η unscaled, kη (linear scaling without warmup) or √k·η. */
export interface ConstantSpec {
  policy: 'constant';
  workers: number;
  epochs: number;
  initialLr: number;
  scaling: LrScaling;
}

export function constant(spec: ConstantSpec): Schedule {
  if (!lrScalings.includes(spec.scaling)) {
    fail(spec.policy, 'scaling', spec.scaling, `give one of ${lrScalings.join(', ')}`);
  }
  const rate = scaledLr(spec.initialLr, spec.workers, spec.scaling);
  checkRate(spec.policy, 'initialLr', spec.initialLr, rate);
  return () => rate;
}

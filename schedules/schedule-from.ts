import { checkCommon } from './check.ts';
import { constant } from './policies/constant.ts';
import { constantWarmup } from './policies/constant-warmup.ts';
import { cosine } from './policies/cosine.ts';
import { cyclic } from './policies/cyclic.ts';
import { exponential } from './policies/exponential.ts';
import { gradualWarmup } from './policies/gradual-warmup.ts';
import { greScale } from './policies/gre-scale.ts';
import { polynomial } from './policies/polynomial.ts';
import { staircase } from './policies/staircase.ts';
import type { Schedule } from './schedule.ts';
import { policyNames, type ScheduleSpec } from './spec.ts';

/** The function a spec describes. Throws RangeError, naming field, value and fix, for an impossible schedule. */
export function scheduleFrom(spec: ScheduleSpec): Schedule {
  const { policy, epochs } = spec;
  if (!policyNames.includes(policy)) {
    // Reached only by specs from outside that no schema has checked.
    throw new RangeError(`schedule: policy is ${String(policy)}; give one of ${policyNames.join(', ')}.`);
  }
  checkCommon(spec);
  const rate = rateOf(spec);
  // After the last epoch the last rate is held: a trainer may take a few steps more than planned.
  return (epoch) => {
    if (!(epoch >= 0)) throw new RangeError(`schedule: epoch is ${epoch}; give a number from 0 to ${epochs}.`);
    return rate(Math.min(epoch, epochs));
  };
}

/** The rate for 0 ≤ epoch ≤ E, once `checkCommon` has passed the common fields. */
function rateOf(spec: ScheduleSpec): Schedule {
  switch (spec.policy) {
    case 'greScale':
      return greScale(spec);
    case 'constant':
      return constant(spec);
    case 'constantWarmup':
      return constantWarmup(spec);
    case 'gradualWarmup':
      return gradualWarmup(spec);
    case 'exponential':
      return exponential(spec);
    case 'polynomial':
      return polynomial(spec);
    case 'staircase':
      return staircase(spec);
    case 'cosine':
      return cosine(spec);
    case 'cyclic':
      return cyclic(spec);
  }
}

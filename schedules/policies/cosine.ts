import { checkFits, checkPositive, checkRate, fail } from '../check.ts';
import { ramp } from '../ramp.ts';
import type { Schedule } from '../schedule.ts';

/** Linear warmup from η to kη over W epochs, then half a cosine to finalLr (Loshchilov and Hutter 2017, one cycle). */
export interface CosineSpec {
  policy: 'cosine';
  workers: number;
  epochs: number;
  initialLr: number;
  /** W, 0 ≤ W ≤ E. */
  warmupEpochs: number;
  /** The rate at the end, 0 < finalLr ≤ kη. */
  finalLr: number;
}

export function cosine(spec: CosineSpec): Schedule {
  const { policy, workers, epochs, initialLr, warmupEpochs, finalLr } = spec;
  checkFits(policy, 'warmupEpochs', warmupEpochs, epochs);
  checkPositive(policy, 'finalLr', finalLr);
  const peak = workers * initialLr;
  checkRate(policy, 'initialLr', initialLr, peak);
  if (finalLr > peak) fail(policy, 'finalLr', finalLr, `give at most the peak rate, ${peak}`);
  const rise = ramp({ from: initialLr, to: peak, epochs: warmupEpochs });
  const length = epochs - warmupEpochs;
  return (epoch) => {
    if (epoch < warmupEpochs) return rise(epoch);
    if (length === 0) return peak;
    return finalLr + (peak - finalLr) * 0.5 * (1 + Math.cos((Math.PI * (epoch - warmupEpochs)) / length));
  };
}

import { checkFits, checkNotNegative, checkRate, fail } from '../check.ts';
import { decayShape } from '../decay-shape.ts';
import { ramp } from '../ramp.ts';
import type { DecayShape, Schedule } from '../schedule.ts';
import { decayShapes } from '../schedule.ts';

/** Thesis §6.3.2: warmup from η to kη, stabilization at kη, decay kη·f(t). */
export interface GreScaleSpec {
  policy: 'greScale';
  /** k, the number of workers that train together. */
  workers: number;
  /** E, of the whole training. */
  epochs: number;
  /** η, the rate of one worker. */
  initialLr: number;
  /** W ≥ 0. */
  warmupEpochs: number;
  /** D ≥ 0, W + D ≤ E; stabilization takes the rest. */
  decayEpochs: number;
  /** c ≥ 0: the last rate is kη·exp(−c), whatever the shape. */
  decayCoefficient: number;
  decayShape: DecayShape;
}

/**
 * GreScale (thesis §6.3.2) at epoch e: `η + (kη − η)·e/W` for e < W, `kη` for W ≤ e < E−D, and `kη·f(t)` with
 * t = (e − (E−D))/D from there on; f is given by `decayShape`.
 */
export function greScale(spec: GreScaleSpec): Schedule {
  checkGreScale(spec);
  const { workers, epochs, initialLr, warmupEpochs, decayEpochs } = spec;
  const peak = workers * initialLr;
  const decayFrom = epochs - decayEpochs;
  const rise = ramp({ from: initialLr, to: peak, epochs: warmupEpochs });
  const fall = decayShape(spec.decayShape, spec.decayCoefficient);
  return (epoch) => {
    if (epoch < warmupEpochs) return rise(epoch);
    // E − (E − D) may differ from D, considerably for a tiny D, so the end is pinned to t = 1.
    if (epoch >= epochs && decayEpochs > 0) return peak * fall(1);
    if (epoch > decayFrom) return peak * fall(Math.min(1, (epoch - decayFrom) / decayEpochs));
    return peak;
  };
}

function checkGreScale(spec: GreScaleSpec): void {
  const { policy, workers, epochs, initialLr, warmupEpochs, decayEpochs, decayCoefficient } = spec;
  checkFits(policy, 'warmupEpochs', warmupEpochs, epochs);
  checkFits(policy, 'decayEpochs', decayEpochs, epochs);
  if (warmupEpochs + decayEpochs > epochs) {
    fail(
      policy,
      'warmupEpochs + decayEpochs',
      `${warmupEpochs} + ${decayEpochs}`,
      `shorten one of them or train longer: together they may have at most the ${epochs} epochs of the training`,
    );
  }
  checkNotNegative(policy, 'decayCoefficient', decayCoefficient);
  if (!decayShapes.includes(spec.decayShape)) {
    fail(policy, 'decayShape', spec.decayShape, `give one of ${decayShapes.join(', ')}`);
  }
  checkRate(policy, 'initialLr', initialLr, workers * initialLr);
  checkRate(policy, 'decayCoefficient', decayCoefficient, workers * initialLr * Math.exp(-decayCoefficient));
  checkRate(policy, 'decayCoefficient', decayCoefficient, Math.expm1(decayCoefficient) || 1);
}

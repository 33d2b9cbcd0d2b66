import type { OptimizerName, Setting } from '../../domain/setting.ts';

/** Parameters of the simulated network, from the config's `trainer` section. */
export interface SimulatedNetwork {
  /** Standard deviation between identical runs (fraction). */
  noise: number;
  /** Primary metric of a well-tuned single worker (fraction). */
  ceiling: number;
  /** Peak rate above which a run without warmup diverges. */
  stableLr: number;
}

export interface SimulatedRun {
  network: SimulatedNetwork;
  setting: Setting;
  workers: number;
  epochs: number;
  /** The highest rate of the schedule; left out: k times the initial rate. */
  peakLr?: number;
  /** Uniform random numbers in [0, 1). */
  random: () => number;
}

export type SimulatedOutcome = { state: 'diverges'; atEpoch: number } | { state: 'trains'; accuracy: number };

/** Factors from an optimizer's rate to the SGD rate of the same effect. */
const rateScale: Record<OptimizerName, number> = { sgd: 1, momentum: 10, adam: 100, lars: 0.5, custom: 1 };

/**
 * The outcome of a training: invented, but shaped like real ones. The peak rate kη has an optimum that grows with √k;
 * above it accuracy falls with the square of the logarithm of the excess, below it half as fast; warmup widens the
 * stable region by a tenth per epoch; no decay at all costs two points.
 */
export function simulatedOutcome({
  network,
  setting,
  workers,
  epochs,
  peakLr,
  random,
}: SimulatedRun): SimulatedOutcome {
  const peak = (peakLr ?? workers * setting.initialLr) * rateScale[setting.optimizer];
  const stable = network.stableLr * (1 + 0.1 * setting.warmupEpochs);
  const luck = normal(random);
  if (peak > stable * (1.05 + 0.05 * luck)) {
    return {
      state: 'diverges',
      atEpoch: 1 + Math.floor(random() * Math.max(1, Math.min(epochs, setting.warmupEpochs + 1))),
    };
  }
  const best = (network.stableLr / 12) * Math.sqrt(workers);
  const excess = Math.log(peak / best);
  const lost =
    (excess > 0 ? 0.012 : 0.006) * excess ** 2 +
    0.02 * Math.max(0, 1 - setting.decayEpochs / (0.2 * epochs)) +
    0.003 * Math.max(0, 2 - setting.decayCoefficient);
  const accuracy = network.ceiling - lost + network.noise * normal(random);
  return { state: 'trains', accuracy: Math.min(0.999, Math.max(0.001, accuracy)) };
}

/** Box and Muller 1958: a standard normal number from two uniform ones. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Steele, Lea and Flood 2014 (SplitMix): uniform numbers in [0, 1) from a 32-bit state. */
export function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

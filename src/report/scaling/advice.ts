import { count } from '../../domain/text/format.ts';
/** What one step costs on a machine: measured, or estimated. */
export interface StepCost {
  /** Seconds one worker computes per step. */
  computeSeconds: number;
  /** Bytes of the gradient: 4 per parameter. */
  gradientBytes: number;
}

/** The α-β model of a network: a message of n bytes takes α + n/β seconds (Hockney 1994; Thakur et al. 2005). */
export interface Network {
  /** α: seconds per message. */
  latencySeconds: number;
  /** β: bytes per second between two workers. */
  bytesPerSecond: number;
}

/** Round figures for common networks, for comparison; `fitNetwork` derives them from measurements. */
export const commonNetworks: Record<string, Network> = {
  'gigabit Ethernet': { latencySeconds: 50e-6, bytesPerSecond: 0.117e9 },
  '10 gigabit Ethernet': { latencySeconds: 20e-6, bytesPerSecond: 1.17e9 },
  'InfiniBand EDR': { latencySeconds: 2e-6, bytesPerSecond: 11e9 },
  'InfiniBand HDR': { latencySeconds: 2e-6, bytesPerSecond: 24e9 },
};

/** The largest number of workers considered. */
export const mostCounted = 65_536;

/** Share of a step's computing spent in the backward pass, behind which an exchange can hide. */
const backwardShare = 2 / 3;

/** Seconds of one allreduce: 2·log₂k messages, and 2·(k−1)/k of the gradient over every link (Rabenseifner). */
export function allreduceSeconds(workers: number, bytes: number, { latencySeconds, bytesPerSecond }: Network): number {
  if (workers <= 1) return 0;
  return (
    2 * Math.ceil(Math.log2(workers)) * latencySeconds + ((2 * (workers - 1)) / workers) * (bytes / bytesPerSecond)
  );
}

/** Fits α and β to measured allreduces of `workers` workers by least squares, weighted so that small messages count. */
export function fitNetwork(workers: number, measured: readonly { bytes: number; seconds: number }[]): Network {
  let [w, wx, wxx, wy, wxy] = [0, 0, 0, 0, 0];
  for (const { bytes, seconds } of measured) {
    const weight = 1 / (seconds * seconds);
    w += weight;
    wx += weight * bytes;
    wxx += weight * bytes * bytes;
    wy += weight * seconds;
    wxy += weight * bytes * seconds;
  }
  const slope = (w * wxy - wx * wy) / (w * wxx - wx * wx);
  const intercept = Math.max(0, (wy - slope * wx) / w);
  return {
    latencySeconds: intercept / (2 * Math.ceil(Math.log2(workers))),
    bytesPerSecond: (2 * (workers - 1)) / workers / slope,
  };
}

export interface ScalingAdvice {
  workers: number;
  /** Share of a step spent computing, 0..1, when gradients are exchanged after the backward pass. */
  efficiency: number;
  /** The same when the exchange hides behind the backward pass as far as it can: the best case. */
  overlappedEfficiency: number;
  /** Seconds of a step spent computing. */
  computeSeconds: number;
  /** Seconds of a step spent exchanging gradients. */
  exchangeSeconds: number;
  /** Epochs per hour relative to one worker. */
  speedup: number;
  /** The largest number of workers with at least half efficiency, up to `mostCounted`. */
  mostWorthwhile: number;
  /** One sentence a person understands. */
  sentence: string;
}

/**
 * Whether adding workers is worth it. Weak scaling: each worker keeps its batch, as in the thesis. Workers beyond
 * `cores` take turns; by default each worker has its own.
 */
export function scalingAdvice({
  workers,
  cost,
  network,
  cores = Number.POSITIVE_INFINITY,
}: {
  workers: number;
  cost: StepCost;
  network: Network;
  cores?: number;
}): ScalingAdvice {
  const exchangeOf = (k: number) => allreduceSeconds(k, cost.gradientBytes, network);
  const computeOf = (k: number) => cost.computeSeconds * Math.max(1, k / cores);
  const efficiencyOf = (k: number) => cost.computeSeconds / (computeOf(k) + exchangeOf(k));
  const [computeSeconds, exchangeSeconds] = [computeOf(workers), exchangeOf(workers)];
  const visible = Math.max(0, exchangeSeconds - backwardShare * computeSeconds);
  const efficiency = efficiencyOf(workers);
  const speedup = workers * efficiency;
  const percent = Math.round(efficiency * 100);
  const advice =
    efficiency >= 0.8
      ? 'worth it'
      : efficiency >= 0.5
        ? 'worth it when they are free; a larger batch per worker or a smaller model helps'
        : computeSeconds > exchangeSeconds
          ? 'not worth it: there are more workers than cores'
          : 'not worth it: most of the time goes into exchanging gradients. Raise batchPerWorker, or use fewer workers';
  return {
    workers,
    efficiency,
    overlappedEfficiency: cost.computeSeconds / (computeSeconds + visible),
    computeSeconds,
    exchangeSeconds,
    speedup,
    mostWorthwhile: mostWith((k) => efficiencyOf(k) >= 0.5),
    sentence: `${count(workers, 'worker')}: ${percent} % efficiency, ${speedup.toFixed(1)} times as fast as one worker; ${advice}.`,
  };
}

/** The largest number of workers that is good enough, by bisection: past it, no number may be good again. */
function mostWith(good: (workers: number) => boolean): number {
  let [most, tooMany] = [1, mostCounted + 1];
  while (tooMany - most > 1) {
    const between = (most + tooMany) >> 1;
    if (good(between)) most = between;
    else tooMany = between;
  }
  return most;
}

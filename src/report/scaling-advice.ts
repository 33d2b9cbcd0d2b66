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

/** Round figures of common networks, to compare with; `bench/scaling` fits this machine's own. */
export const commonNetworks: Record<string, Network> = {
  'gigabit Ethernet': { latencySeconds: 50e-6, bytesPerSecond: 0.117e9 },
  '10 gigabit Ethernet': { latencySeconds: 20e-6, bytesPerSecond: 1.17e9 },
  'InfiniBand HDR': { latencySeconds: 2e-6, bytesPerSecond: 24e9 },
};

/** Seconds of one allreduce: 2·log₂k messages, and 2·(k−1)/k of the gradient over every link (Rabenseifner). */
export function allreduceSeconds(workers: number, bytes: number, { latencySeconds, bytesPerSecond }: Network): number {
  if (workers <= 1) return 0;
  return (
    2 * Math.ceil(Math.log2(workers)) * latencySeconds + ((2 * (workers - 1)) / workers) * (bytes / bytesPerSecond)
  );
}

/** Fits α and β to measured allreduces of `workers` workers: weighted least squares, so that small messages count too. */
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
  /** Share of a step that is computing, 0..1. */
  efficiency: number;
  /** Epochs per hour relative to one worker. */
  speedup: number;
  /** The most workers that still work at half efficiency or better, up to 4096. */
  mostWorthwhile: number;
  /** One sentence a person understands. */
  sentence: string;
}

/** Is it worth adding workers? Weak scaling: each worker keeps its batch, as in the thesis. */
export function scalingAdvice({
  workers,
  cost,
  network,
}: {
  workers: number;
  cost: StepCost;
  network: Network;
}): ScalingAdvice {
  const efficiencyOf = (k: number) =>
    cost.computeSeconds / (cost.computeSeconds + allreduceSeconds(k, cost.gradientBytes, network));
  const efficiency = efficiencyOf(workers);
  let mostWorthwhile = 1;
  for (let k = 2; k <= 4096; k *= 2) if (efficiencyOf(k) >= 0.5) mostWorthwhile = k;
  const speedup = workers * efficiency;
  const percent = Math.round(efficiency * 100);
  const advice =
    efficiency >= 0.8
      ? 'worth it'
      : efficiency >= 0.5
        ? 'worth it when they are free; a larger batch per worker or a smaller network helps'
        : 'not worth it: most of the time goes into exchanging gradients. Raise batchPerWorker, or use fewer workers';
  const sentence = `${workers} workers: ${percent} % efficiency, ${speedup.toFixed(1)} times as fast as one worker; ${advice}.`;
  return { workers, efficiency, speedup, mostWorthwhile, sentence };
}

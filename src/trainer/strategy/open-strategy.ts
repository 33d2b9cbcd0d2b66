import { localExact, localFused } from './local.ts';
import type { DistributionStrategy } from './strategy.ts';

export interface StrategyOptions {
  workers: number;
  /** How one process plays k workers. */
  shards: 'fused' | 'exact';
  /** Batch normalization: then one batch of k·b is not k workers, and `fused` becomes `exact`. */
  mixesSamples: boolean;
}

/** The strategy of this process, chosen once when the worker starts. */
export async function openStrategy({ workers, shards, mixesSamples }: StrategyOptions): Promise<DistributionStrategy> {
  return shards === 'fused' && !mixesSamples ? localFused(workers) : localExact(workers);
}

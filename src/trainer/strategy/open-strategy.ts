import { AutopilotError } from '../../domain/errors.ts';
import { localExact, localFused } from './local.ts';
import { mpiAllreduce } from './mpi.ts';
import { parameterServer } from './parameter-server.ts';
import { ringAllreduce } from './ring.ts';
import type { DistributionStrategy } from './strategy.ts';

export interface StrategyOptions {
  workers: number;
  /** How one process plays k workers. */
  shards: 'fused' | 'exact';
  /** Batch normalization: then one batch of k·b is not k workers, and `fused` becomes `exact`. */
  mixesSamples: boolean;
  /** How several processes average: the config's `strategy`. */
  strategy?: string;
  /** Was this process started as one of k ranks? Left out: what the launcher says. */
  ranks?: boolean;
}

/** Strategies between processes, by the name in the config. */
export const strategies: Record<string, (workers: number) => Promise<DistributionStrategy>> = {
  allreduce: mpiAllreduce,
  ring: ringAllreduce,
  parameterServer,
};

/** The strategy of this process, chosen once when the worker starts. */
export async function openStrategy({
  workers,
  shards,
  mixesSamples,
  strategy = 'allreduce',
  ranks = process.env.AUTOPILOT_EXPECT !== undefined,
}: StrategyOptions): Promise<DistributionStrategy> {
  const open = strategies[strategy];
  if (open === undefined) {
    throw new AutopilotError(
      'strategy.unknown',
      `strategy: "${strategy}" is not known. Strategies: ${Object.keys(strategies).join(', ')}.`,
    );
  }
  if (ranks) return open(workers);
  return shards === 'fused' && !mixesSamples ? localFused(workers) : localExact(workers);
}

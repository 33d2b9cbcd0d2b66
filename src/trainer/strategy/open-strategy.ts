import { AutopilotError } from '../../domain/errors.ts';
import { localExact, localFused } from './local.ts';
import { mpiAllreduce } from './mpi.ts';
import type { WorkersOnRanks } from './mpi-process.ts';
import { parameterServer } from './parameter-server.ts';
import { ringAllreduce } from './ring.ts';
import type { DistributionStrategy } from './strategy.ts';

export interface StrategyOptions {
  workers: number;
  /** How one process plays k workers. */
  shards: 'fused' | 'exact';
  /** True with batch normalization: one batch of k·b is then not k workers, and `fused` becomes `exact`. */
  mixesSamples: boolean;
  /** How several processes average: the config's `strategy`. */
  strategy?: string;
  /** Number of ranks, including this process; null where it plays all workers. Left out: what the launcher says. */
  processes?: number | null;
}

/** Strategies between processes, by their name in the config. */
export const strategies: Record<string, (job: WorkersOnRanks) => Promise<DistributionStrategy>> = {
  allreduce: mpiAllreduce,
  ring: ringAllreduce,
  parameterServer,
};

/** Number of ranks that the launcher started, including this process; null where this process plays all workers. */
export function startedRanks({ AUTOPILOT_EXPECT: told } = process.env): number | null {
  return told === undefined ? null : Number(told);
}

/** The strategy of this process, chosen once when the worker starts. */
export async function openStrategy({
  workers,
  shards,
  mixesSamples,
  strategy = 'allreduce',
  processes = startedRanks(),
}: StrategyOptions): Promise<DistributionStrategy> {
  const open = strategies[strategy];
  if (open === undefined) {
    throw new AutopilotError(
      'strategy.unknown',
      `strategy: "${strategy}" is not known. Strategies: ${Object.keys(strategies).join(', ')}.`,
    );
  }
  if (processes !== null) return open({ workers, processes });
  return shards === 'fused' && !mixesSamples ? localFused(workers) : localExact(workers);
}

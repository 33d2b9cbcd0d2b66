import type { Communicator } from '#mpi-node';
import { localExact } from '../strategy/local.ts';
import { joinMpi } from '../strategy/mpi-process.ts';
import type { DistributionStrategy } from '../strategy/strategy.ts';
import type { Parameters } from './kinds.ts';
import { contractBroken, type Loaded } from './loaded.ts';

export interface StrategyContext {
  /** k. */
  workers: number;
  /** The MPI job's communicator; null when one process plays all k workers. */
  mpi: Communicator | null;
  parameters: Parameters;
}

/** How k gradients become the one that every process applies. */
export interface StrategyDefinition {
  name: string;
  /**
   * `gradients`: those computed in this process, all k without MPI or this rank's single one with it; they may be
   * overwritten. Returns the mean over the k workers, the same on every process.
   */
  average(gradients: Float32Array[], context: StrategyContext): Float32Array | Promise<Float32Array>;
}

export function defineStrategy(definition: StrategyDefinition) {
  return { ...definition, component: 'strategy' as const };
}

/** The strategy of this process, which joins the MPI job when it is one of k ranks. */
export async function openCustomStrategy(
  { where, definition, parameters }: Loaded<StrategyDefinition>,
  { workers, ranks }: { workers: number; ranks: boolean },
): Promise<DistributionStrategy> {
  const { name } = definition;
  const averaged = async (gradients: Float32Array[], mpi: Communicator | null): Promise<Float32Array> => {
    const { length } = gradients[0]!;
    const mean = await definition.average(gradients, { workers, mpi, parameters });
    if (mean instanceof Float32Array && mean.length === length) return mean;
    const given = mean instanceof Float32Array ? `one of ${mean.length}` : typeof mean;
    throw contractBroken(where, `average must return a Float32Array of ${length} values, but it returns ${given}`);
  };
  if (!ranks || workers === 1) {
    const local = localExact(workers);
    return {
      ...local,
      name: `${name} (one process)`,
      alone: false,
      plainMean: false,
      averageGradients: (all) => averaged(all, null),
    };
  }
  const { mpi, together, shared } = await joinMpi({ workers, processes: workers });
  const stop = new Float32Array(1);
  return {
    ...shared,
    name,
    averageGradients: ([own]) =>
      together(async () => {
        // The stop request is sent separately, because a module may round gradients or leave values out.
        const last = own!.length - 1;
        stop[0] = own![last]!;
        const mean = new Float32Array(own!.length);
        mean.set(await averaged([own!.subarray(0, last)], mpi));
        await mpi.allreduce(stop, { op: 'max' });
        mean[last] = stop[0];
        return mean;
      }),
  };
}

/** Averages three small gradients in one process and checks that the mean has the right length and is finite. */
export async function checkStrategy(loaded: Loaded<StrategyDefinition>): Promise<void> {
  const strategy = await openCustomStrategy(loaded, { workers: 3, ranks: false });
  const gradients = [1, 2, 6].map((value) => new Float32Array([value, -value, 0.5, 2 * value]));
  const mean = await strategy.averageGradients(gradients);
  if (!mean.every(Number.isFinite)) throw contractBroken(loaded.where, 'average gives values that are not finite');
}

import { writeSync } from 'node:fs';
import { type Communicator, initialize, MpiSizeError, MpiUnavailableError } from '#mpi-node';
import { AutopilotError } from '../../domain/errors.ts';
import { type HeartbeatWriter, startHeartbeat } from './mpi-heartbeat.ts';
import type { DistributionStrategy } from './strategy.ts';

/** Exit code of a rank that cannot continue; the training then counts as crashed. */
export const crashed = 70;

/** This rank of an MPI job, with everything that the strategies over MPI share. */
export interface MpiProcess {
  mpi: Communicator;
  /** Runs a collective; meanwhile the heartbeat reports that this rank is waiting for the others. */
  together<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Suffix for strategy names: how many workers each rank plays, empty for one. */
  several: string;
  shared: Omit<DistributionStrategy, 'name' | 'averageGradients' | 'averageWhileFilled'>;
}

let joined: Communicator | null = null;

/** k workers, and the number of MPI ranks that train them: k, or a divisor of k, where each rank plays several. */
export interface WorkersOnRanks {
  workers: number;
  processes: number;
}

/** Joins the MPI job and starts the heartbeat. Throws when the job does not have `processes` ranks. */
export async function joinMpi({ workers, processes }: WorkersOnRanks): Promise<MpiProcess> {
  const each = workers / processes;
  if (!Number.isInteger(each)) {
    throw new AutopilotError(
      'mpi.size',
      `launcher: ${processes} ranks cannot share ${workers} workers evenly; start a number of ranks that divides the workers.`,
    );
  }
  // Before MPI starts, so that a rank that hangs in its start can be named.
  const { OMPI_COMM_WORLD_RANK, PMI_RANK, PMIX_RANK } = process.env;
  const named = OMPI_COMM_WORLD_RANK ?? PMI_RANK ?? PMIX_RANK;
  const early = named === undefined ? null : startHeartbeat(Number(named));
  const mpi = await initialized(processes);
  joined = mpi;
  // Otherwise the other ranks would wait for this one for ever. Nothing asynchronous: the process ends here.
  process.on('uncaughtException', (error) => {
    writeSync(2, `rank ${mpi.rank}: ${error.stack ?? error}\n`);
    mpi.abort(crashed);
  });
  const heartbeat = early ?? startHeartbeat(mpi.rank);
  const together = waitingTogether(heartbeat);
  return {
    mpi,
    together,
    several: each === 1 ? '' : `, ${each} workers per rank`,
    shared: {
      process: mpi.rank,
      processes: mpi.size,
      workers,
      batches: Array.from({ length: each }, (_, index) => [mpi.rank * each + index]),
      alone: workers === 1,
      broadcast: (values) => together(() => mpi.broadcast(values)),
      stepDone: heartbeat.step,
      sum: (values) => together(() => mpi.allreduce(values)),
      async close() {
        await together(() => mpi.barrier());
        await mpi.finalize();
        joined = null;
        await heartbeat.done();
      },
    },
  };
}

/** Ends every rank of the job that this process has joined; does nothing if it has joined none. */
export function abortTogether(exitCode: number): void {
  joined?.abort(exitCode);
}

async function initialized(processes: number): Promise<Communicator> {
  try {
    return await initialize({ expectedSize: processes });
  } catch (cause) {
    if (cause instanceof MpiUnavailableError) {
      throw new AutopilotError('mpi.unavailable', `launcher: MPI cannot be used. ${cause.message}`, { cause });
    }
    if (cause instanceof MpiSizeError) {
      throw new AutopilotError('mpi.size', `launcher: the MPI job does not have ${processes} ranks: ${cause.message}`, {
        cause,
      });
    }
    throw cause;
  }
}

function waitingTogether(heartbeat: HeartbeatWriter): MpiProcess['together'] {
  return async (work) => {
    heartbeat.phase('waiting');
    try {
      return await work();
    } finally {
      heartbeat.phase('working');
    }
  };
}

import { writeSync } from 'node:fs';
import { type Communicator, initialize, MpiSizeError, MpiUnavailableError } from '#mpi-node';
import { AutopilotError } from '../../domain/errors.ts';
import { type HeartbeatWriter, startHeartbeat } from './mpi-heartbeat.ts';
import type { DistributionStrategy } from './strategy.ts';

/** Exit code of a rank that cannot go on; the launcher's side knows it as a crash of the training. */
export const crashed = 70;

/** This rank among the ranks of an MPI job, with what all strategies over MPI share. */
export interface MpiProcess {
  mpi: Communicator;
  /** Runs a collective; meanwhile the heartbeat says that this rank waits for the others. */
  together<Result>(work: () => Promise<Result>): Promise<Result>;
  shared: Omit<DistributionStrategy, 'name' | 'averageGradients' | 'averageWhileFilled'>;
}

let joined: Communicator | null = null;

/** Joins the MPI job and starts the heartbeat. Throws when the job is not of `workers` ranks. */
export async function joinMpi(workers: number): Promise<MpiProcess> {
  // Before MPI: a rank that never gets through its start is to be missed by name.
  const { OMPI_COMM_WORLD_RANK, PMI_RANK, PMIX_RANK } = process.env;
  const named = OMPI_COMM_WORLD_RANK ?? PMI_RANK ?? PMIX_RANK;
  const early = named === undefined ? null : startHeartbeat(Number(named));
  const mpi = await initialized(workers);
  joined = mpi;
  // Without this the others would wait for a rank that is over for good. Nothing asynchronous: the process ends here.
  process.on('uncaughtException', (error) => {
    writeSync(2, `rank ${mpi.rank}: ${error.stack ?? error}\n`);
    mpi.abort(crashed);
  });
  const heartbeat = early ?? startHeartbeat(mpi.rank);
  const together = waitingTogether(heartbeat);
  return {
    mpi,
    together,
    shared: {
      process: mpi.rank,
      processes: mpi.size,
      workers,
      batches: [[mpi.rank]],
      alone: mpi.size === 1,
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

/** Ends every rank of the job this process has joined; does nothing when there is none. */
export function abortTogether(exitCode: number): void {
  joined?.abort(exitCode);
}

async function initialized(workers: number): Promise<Communicator> {
  try {
    return await initialize({ expectedSize: workers });
  } catch (cause) {
    if (cause instanceof MpiUnavailableError) {
      throw new AutopilotError('mpi.unavailable', `launcher: MPI cannot be used. ${cause.message}`, { cause });
    }
    if (cause instanceof MpiSizeError) {
      throw new AutopilotError('mpi.size', `launcher: the MPI job is not of ${workers} workers: ${cause.message}`, {
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

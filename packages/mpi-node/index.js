import { createCommunicator } from './lib/communicator.js';
import { MpiSizeError, MpiUnavailableError } from './lib/errors.js';
import { builtFamilies, loadNative, readBuildReport } from './lib/load.js';
import { launchedBy } from './lib/variant.js';

export { MpiSizeError, MpiUnavailableError };

const ready = 2;
let starting = null;

/** Joins the MPI job this process belongs to (a job of one rank without mpirun). Later calls return the same job. */
export async function initialize({ expectedSize } = {}) {
  starting ??= join();
  const communicator = await starting;
  if (expectedSize !== undefined && expectedSize !== communicator.size) {
    throw new MpiSizeError({ expected: expectedSize, actual: communicator.size, library: communicator.library });
  }
  return communicator;
}

async function join() {
  const { native, family } = loadNative();
  // In a worker_thread the main thread may have initialized MPI already.
  if (native.state() !== ready) await native.initialize();
  return createCommunicator({ native, family });
}

/** Whether MPI can be used, with the reason and the fix when it cannot. Starts nothing. */
export function mpiStatus() {
  const report = readBuildReport();
  try {
    const { native, family } = loadNative();
    const library = native.library().replaceAll('\0', '').trim();
    return { available: true, family, library, families: builtFamilies(), problems: report.problems };
  } catch (thrown) {
    if (!(thrown instanceof MpiUnavailableError)) throw thrown;
    return {
      available: false,
      reason: thrown.reason,
      fix: thrown.fix,
      families: builtFamilies(),
      problems: report.problems,
    };
  }
}

/** The MPI family whose launcher started this process, or null. */
export function launchedByMpi() {
  return launchedBy(process.env);
}

const ownedByLaunchers = /^(OMPI|PMIX|PMI|ORTE|PRTE|HYD|HYDI|MPI_LOCAL)_/;

/** The environment without the variables of an MPI launcher, for a child process that uses MPI on its own. */
export function withoutMpiEnvironment(environment = process.env) {
  // OMPI_MCA_* and OMPI_ALLOW_* are the user's own settings.
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => !ownedByLaunchers.test(name) || /^OMPI_(MCA_(?!orte_|ess|pmix)|ALLOW_)/.test(name),
    ),
  );
}

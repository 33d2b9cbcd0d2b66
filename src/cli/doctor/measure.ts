import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { mpiStatus, withoutMpiEnvironment } from '#mpi-node';
import { modelConfig } from '../../config/sections/model.ts';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { plainMpirun } from '../../launcher/mpi/implementation.ts';
import { fitNetwork, type Network } from '../../report/scaling/advice.ts';
import type { KnownCost } from '../../report/scaling/step-cost.ts';
import { closeCompute, openCompute } from '../../trainer/compute/open-compute.ts';
import { measureStep } from '../../trainer/measure-step.ts';

const sample = { size: 64, batchPerWorker: 4, seconds: 2 };

/** The cost of one worker's step for the embedded trainer's networks at default size, measured on this machine. */
export async function measuredCosts(): Promise<(KnownCost & { name: string })[]> {
  const { backend } = await openCompute({ threads: 1 });
  const costs = [];
  for (const architecture of ['unet', 'fcn'] as const) {
    const { stepSeconds, parameters } = await measureStep({ model: modelConfig.parse({ architecture }), ...sample });
    costs.push({
      name: architecture,
      model: `${architecture} at its default size, ${parameters.toLocaleString('en')} parameters`,
      cost: { computeSeconds: stepSeconds, gradientBytes: 4 * parameters },
      source: `measured here: ${sample.batchPerWorker} slices of ${sample.size}×${sample.size} a step, one thread of the back end ${backend}`,
    });
  }
  closeCompute();
  return costs;
}

const ranks = 2;
/** `bytes:repetitions` */
const sizes = ['4:2000', '65536:500', '1048576:100', '16777216:9'];

/** α and β between two ranks on this machine. */
export async function measuredNetwork(): Promise<{ network: Network; source: string }> {
  const status = mpiStatus();
  if (!status.available) {
    throw new AutopilotError('mpi.unavailable', `--measure needs MPI. ${status.reason} ${status.fix}`);
  }
  const program = fileURLToPath(import.meta.resolve('#mpi-node/allreduce-times.js'));
  const [mpirun, ...flags] = plainMpirun(ranks);
  try {
    const { stdout } = await promisify(execFile)(
      mpirun,
      [...flags, process.execPath, program, 'promise', '1048576', '1', ...sizes],
      { env: { ...withoutMpiEnvironment(), OMPI_MCA_mpi_yield_when_idle: '1' }, timeout: 120_000 },
    );
    const measured = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { bytes: number; microseconds: number })
      .map(({ bytes, microseconds }) => ({ bytes, seconds: microseconds / 1e6 }));
    return {
      network: fitNetwork(ranks, measured),
      source: `fitted to allreduces of 4 B to 17 MB between ${ranks} ranks on this machine's ${cpus().length} cores`,
    };
  } catch (cause) {
    throw new AutopilotError('scaling.measure', `--measure: mpirun failed: ${messageOf(cause).split('\n')[0]}`, {
      cause,
    });
  }
}

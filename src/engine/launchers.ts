import type { LauncherConfig } from '../config/sections/launcher.ts';
import type { Launcher } from '../launcher/launcher.ts';
import { localLauncher } from '../launcher/local/launcher.ts';
import { mpiLauncher } from '../launcher/mpi/launcher.ts';
import { schedulerLauncher } from '../launcher/scheduler/launcher.ts';
import { slurmLauncher } from '../launcher/slurm/launcher.ts';

/** The launcher that a config names. */
export function launcherFrom(config: LauncherConfig): Launcher {
  switch (config.kind) {
    case 'local':
      return localLauncher(config);
    case 'mpi':
      return mpiLauncher(config);
    case 'scheduler':
      return schedulerLauncher(config);
    case 'slurm':
      return slurmLauncher(config);
  }
}

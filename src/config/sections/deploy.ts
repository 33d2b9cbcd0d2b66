import * as z from 'zod';
import { line } from './bounds.ts';

/** How a run's files reach hosts that do not share this host's folders. Autopilot itself must be installed on each of them. */
export const deployConfig = z.strictObject({
  /** `none`: every host sees the same folders. `rsync`, `scp`: for the launcher mpi with a hostfile. `sbcast`: for the launcher slurm; the run directory must be shared. */
  copy: z.enum(['none', 'rsync', 'scp', 'sbcast']).default('none'),
  /** Absolute path of the folder on each host to which the modules and the data are copied. Left out: the same paths as here, or /tmp/autopilot for sbcast. */
  directory: line.regex(/^\//, 'give an absolute path, such as /scratch/autopilot').optional(),
  /** The remote shell and its options. */
  shell: line.default('ssh'),
});

export type DeployConfig = z.infer<typeof deployConfig>;

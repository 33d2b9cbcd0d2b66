import * as z from 'zod';
import { line } from './bounds.ts';

/** How a run's files reach hosts that do not share this host's folders. Autopilot itself is installed on each of them. */
export const deployConfig = z.strictObject({
  /** `none`: every host sees the same folders. `rsync`, `scp`: launcher mpi with a hostfile. `sbcast`: launcher slurm, whose run directory has to be shared. */
  copy: z.enum(['none', 'rsync', 'scp', 'sbcast']).default('none'),
  /** Absolute folder on each host below which the modules and the data are put. Left out: at the same paths as here, or /tmp/autopilot for sbcast. */
  directory: line.regex(/^\//, 'is an absolute path').optional(),
  /** The remote shell and its options, in one line. */
  shell: line.default('ssh'),
});

export type DeployConfig = z.infer<typeof deployConfig>;

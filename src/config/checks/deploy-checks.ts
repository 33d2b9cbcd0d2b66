import type { ConfigProblem } from '../problem.ts';
import type { ResolvedStudyConfig } from '../resolve.ts';

/** Finds a way of copying that the launcher or the trainer cannot use. */
export function deployFits({ deploy, launcher, trainer }: ResolvedStudyConfig): ConfigProblem[] {
  const { copy } = deploy;
  if (copy === 'none') return [];
  const path = ['deploy', 'copy'];
  if (trainer.kind !== 'embedded') {
    return [
      {
        path,
        message: `deploy.copy copies only for the embedded trainer, but trainer.kind is ${trainer.kind}; leave it out`,
      },
    ];
  }
  if (copy === 'sbcast') {
    if (launcher.kind === 'slurm') return [];
    return [
      {
        path,
        message: `deploy.copy sbcast needs Slurm, but launcher.kind is ${launcher.kind}; choose rsync or scp for mpi`,
      },
    ];
  }
  if (launcher.kind !== 'mpi' || launcher.hostfile === undefined) {
    const found = launcher.kind === 'mpi' ? 'launcher.hostfile is missing' : `launcher.kind is ${launcher.kind}`;
    return [
      {
        path,
        message: `deploy.copy ${copy} copies to the hosts of launcher.hostfile (launcher mpi), but ${found}; leave it out${launcher.kind === 'slurm' ? ', or choose sbcast' : ''}`,
      },
    ];
  }
  return [];
}

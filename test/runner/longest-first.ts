import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Test files that take a minute or more, longest first. They mostly wait for schedulers, ranks and browsers. */
const long = [
  'walkthrough/page-walk',
  'launcher/scheduler/grid-engine',
  'multihost/own-disks',
  'launcher/slurm/launcher',
  'verdict/wrongly-told-no-loss',
  'clients/python-client',
  'trainer/components/broken-in-ranks',
  'engine/crash',
  'trainer/mpi-strategy-contract',
  'faults/torchrun-faults',
  'slurm/study',
  'slurm/administrator',
  'trainer/mpi-strategies',
  'launcher/slurm/sites',
  'dashboard/work',
  'examples/pytorch-ddp',
  'trainer/worker/worker',
  'faults/faults',
  'trainer/components/broken-modules',
  'faults/write-faults',
  'zoo/chains',
  'faults/kills',
  'cli/commands',
].map((name) => path.join('test', `${name}.test.ts`));

/** Runs long files first, so that no core is idle while the last of them runs alone. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ project, moduleId }: TestSpecification) => {
      const at = long.indexOf(path.relative(project.config.root, moduleId));
      return at < 0 ? long.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

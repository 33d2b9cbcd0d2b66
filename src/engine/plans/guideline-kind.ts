import { guidelineHash } from '../../../machines/guideline/index.ts';
import { guidelineOf } from './guideline-input.ts';
import { guidelinePlan } from './guideline-plan.ts';
import type { PlanKind } from './plan.ts';

/** A study that looks for a setting by a guideline. */
export const guidelineKind: PlanKind = {
  kind: 'guideline',
  words: {
    noun: 'study',
    code: 'study',
    differs:
      'Results under different configs cannot be compared. Put these values back, or give the new study another name (name: …, or --fresh-name).',
  },
  describe: (config) => ({
    name: config.name,
    workers: config.workers,
    guidelineHash: guidelineHash(guidelineOf(config)),
  }),
  allows: ({ allowed }) => allowed,
  budget: ({ name, budget: { hours, workerHours } }) => ({ limits: { hours, workerHours }, studies: [name] }),
  open: guidelinePlan,
};

import { scaleSection, workerCounts } from '../config/scale-section.ts';
import { guidelineKind } from '../engine/plans/guideline-kind.ts';
import type { PlanKind } from '../engine/plans/plan.ts';
import { countConfig, countName, scalingName } from './counts.ts';
import { scalePlan } from './scale-plan.ts';

/** Fields that may change: more counts only add studies, but another task, rule or guideline needs another scaling. */
const growing = ['scale', 'start'];

/** Finds how many workers train a task without loss: follows the guideline at one worker count after another. */
export const scaleKind: PlanKind = {
  kind: 'scaling',
  words: {
    noun: 'scaling',
    code: 'scale',
    differs:
      'Its studies cannot be mixed with new ones. Put these values back, or give the study in the file another name.',
  },
  describe: (config) => ({
    name: scalingName(config),
    workers: Math.max(...workerCounts(config)),
    guidelineHash: null,
  }),
  allows: ({ field, allowed }) =>
    allowed || field === 'workers' || growing.some((name) => field === name || field.startsWith(`${name}.`)),
  budget(config) {
    const { runs, hours } = scaleSection(config).budget;
    const studies = [scalingName(config), ...workerCounts(config).map((workers) => countName(config, workers))];
    return { limits: { runs, trainingHours: hours }, studies };
  },
  first(config) {
    const [workers = config.workers] = workerCounts(config);
    return (
      guidelineKind.first?.(countConfig(config, { workers, before: null, baselineRuns: 0 })) ?? { config, wanted: [] }
    );
  },
  open: scalePlan,
};

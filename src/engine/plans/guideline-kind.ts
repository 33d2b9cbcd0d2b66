import type { RunRecord } from '../../../db/index.ts';
import { guidelineHash } from '../../../machines/guideline/index.ts';
import { runSeed } from '../run/run-seed.ts';
import { takeResult } from '../study/same-training.ts';
import { firstRequests } from './first-requests.ts';
import { guidelineOf } from './guideline-input.ts';
import { guidelinePlan, sameState } from './guideline-plan.ts';
import type { PlanKind } from './plan.ts';
import { requireDirection } from './study-metrics.ts';
import { trainAhead } from './train-ahead.ts';

/** A study that searches for a setting by following a guideline. */
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
  requireSame: (open) => {
    if (open.study.outcome === null) requireDirection(open);
    sameState(open);
  },
  allows: ({ allowed }) => allowed,
  budget: ({ name, budget: { hours, workerHours } }) => ({ limits: { hours, workerHours }, studies: [name] }),
  first(config) {
    const { baseline, first } = firstRequests(config);
    const wanted = [...baseline, ...first];
    return { config, wanted: wanted.map((run) => ({ ...run, seed: runSeed(config.seed, run.key) })) };
  },
  open(session) {
    const plan = trainAhead(session, guidelinePlan(session));
    const reuse = (run: RunRecord) => takeResult(session, plan, run);
    return { ...plan, pending: () => [...plan.pending()].map((run) => ({ reuse, ...run })) };
  },
};

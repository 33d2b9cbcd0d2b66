import type { Store, StudyRecord } from '../../../db/index.ts';
import { workerCounts } from '../../config/scale-section.ts';
import { storedConfig } from '../../config/stored.ts';
import { comparisonReport } from './comparison-report.ts';
import { scalingReport } from './scaling-report.ts';
import { studyReport } from './study-report.ts';

/** The report of a study, a comparison or a scaling, with its manifest. */
export function reportOf(store: Store, study: StudyRecord): ReturnType<typeof studyReport> {
  switch (study.kind) {
    case 'scaling':
      return scalingReport({ store, study, asked: workerCounts(storedConfig(study)) });
    case 'comparison':
      return comparisonReport({ store, study });
    case 'guideline':
      return studyReport({ store, study });
  }
}

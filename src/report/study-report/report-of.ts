import type { Store, StudyRecord } from '../../../db/index.ts';
import { workerCounts } from '../../config/scale-section.ts';
import { storedConfig } from '../../config/stored.ts';
import { scalingReport } from './scaling-report.ts';
import { studyReport } from './study-report.ts';

/** The report of a study or of a scaling, with its manifest. */
export function reportOf(store: Store, study: StudyRecord): ReturnType<typeof studyReport> {
  return study.kind === 'scaling'
    ? scalingReport({ store, study, asked: workerCounts(storedConfig(study)) })
    : studyReport({ store, study });
}

import type { StudyConfig } from './study-config.ts';

/** Whether the config gives the baseline's results, by run or as statistics, so that none is trained. */
export function isBaselineGiven({ baseline }: { baseline: Pick<StudyConfig['baseline'], 'runs' | 'mean'> }): boolean {
  return baseline.runs !== undefined || baseline.mean !== undefined;
}

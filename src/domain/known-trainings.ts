import { count } from './text/format.ts';

/** Which of a study's first trainings its project has already stored. */
export interface KnownTrainings {
  /** Number of runs that the study begins with: those of the baseline and of the first iteration. */
  wanted: number;
  /** Number of baseline runs with a usable result. */
  baseline: number;
  /** Number of usable results by study. */
  studies: { study: string; runs: number }[];
  /**
   * Studies that trained the same according to their configs, but whose results are not used because not everything
   * that their trainer reads is recorded.
   */
  unrecorded: string[];
}

/** Empty if the project has none of them. */
export function knownTrainingsText({ wanted, studies, unrecorded }: KnownTrainings): string[] {
  const known = studies.reduce((sum, { runs }) => sum + runs, 0);
  const whose = studies.map(({ study, runs }) => `${runs} of ${study}`).join(', ');
  const taken =
    `Of the first ${count(wanted, 'run')}, ${known} ${known === 1 ? 'is' : 'are'} stored already (${whose}): identical training, ` +
    'which is reused instead of repeated; likewise for later runs. Use --fresh to train everything again.';
  const left =
    `${unrecorded.join(', ')} may have trained the same, but ${unrecorded.length === 1 ? 'its' : 'their'} results cannot be reused here: ` +
    'only some files of a command or dataset module are recorded, and its data may have changed.';
  return [...(known > 0 ? [taken] : []), ...(unrecorded.length > 0 ? [left] : [])];
}

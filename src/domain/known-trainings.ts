import { count } from './text/format.ts';

/** What of a study's first trainings its project has stored already. */
export interface KnownTrainings {
  /** Runs that the study begins with: of the baseline, and of the first iteration. */
  wanted: number;
  /** How many of the baseline's have a result that counts. */
  baseline: number;
  /** By study: how many results it has that count. */
  studies: { study: string; runs: number }[];
  /** Studies that trained the same as far as their configs say, but whose results do not count: not all that their trainer reads is recorded. */
  unrecorded: string[];
}

/** Nothing where the project has nothing of it. */
export function knownTrainingsText({ wanted, studies, unrecorded }: KnownTrainings): string[] {
  const known = studies.reduce((sum, { runs }) => sum + runs, 0);
  const whose = studies.map(({ study, runs }) => `${runs} of ${study}`).join(', ');
  const taken =
    `Of the first ${count(wanted, 'run')}, ${known} ${known === 1 ? 'is' : 'are'} stored already (${whose}): the very same training, ` +
    'which counts and is not done again; so do later ones. --fresh does without.';
  const left =
    `${unrecorded.join(', ')} may have trained the same, but ${unrecorded.length === 1 ? 'its results do' : 'their results do'} not count here: ` +
    'of a command, or a dataset module, only some files are recorded, and its data may have changed.';
  return [...(known > 0 ? [taken] : []), ...(unrecorded.length > 0 ? [left] : [])];
}

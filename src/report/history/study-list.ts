import type { Store } from '../../../db/index.ts';
import type { Doubt } from '../../domain/measured.ts';
import type { StudyOutcome } from '../../domain/study.ts';
import { formatSeconds } from '../../domain/text/format.ts';
import { outcomeWord } from '../measured.ts';
import { minuteText, type Provenance, provenance } from '../provenance.ts';
import type { TextOptions } from '../tables/text-table.ts';
import { textTable } from '../tables/text-table.ts';

export interface ListedStudy extends Provenance {
  study: string;
  workers: number;
  /** Number trained so far, counted as in "after 8 iterations". */
  iterations: number;
  /** The highest iteration number; null before the first. */
  lastIteration: number | null;
  outcome: StudyOutcome | null;
  /** Why its runs may not be what was asked for: any of these makes its verdict unverified. */
  unverified: Doubt[];
  simulated: boolean;
}

/** Every study of a store, oldest first. */
export function studyList(store: Store): ListedStudy[] {
  return store.studies().map((study) => ({
    study: study.name,
    workers: study.workers,
    iterations: store.totalsOf(study.id).tried,
    lastIteration: store.iterationsOf(study.id).at(-1)?.number ?? null,
    outcome: study.outcome,
    unverified: store.doubtsOf(study.id),
    simulated: study.simulated,
    ...provenance(study),
  }));
}

/** Terminal width below which the host, the user, the version and the commit are left out. */
const wide = 110;

export function studyListText(list: readonly ListedStudy[], { width, colors }: TextOptions): string {
  if (list.length === 0) return 'There is no study yet. Start one with: autopilot run study.yaml';
  const roomy = width >= wide;
  const table = textTable({
    columns: [
      { heading: 'study', flexible: true },
      { heading: 'k', align: 'right' },
      { heading: 'iterations', align: 'right' },
      { heading: 'outcome' },
      { heading: 'created (UTC)' },
      { heading: 'took', align: 'right' },
      ...(roomy ? ['host', 'user', 'version', 'commit'].map((heading) => ({ heading })) : []),
    ],
    rows: list.map(({ study, workers, iterations, outcome, unverified, simulated, ...made }) => [
      study,
      String(workers),
      iterations === 0 ? '' : String(iterations),
      `${outcomeWord(outcome, unverified)}${simulated ? colors.yellow(' (simulated)') : ''}`,
      minuteText(made.created),
      made.seconds === null ? '' : formatSeconds(made.seconds),
      ...(roomy ? [made.host, made.user, made.version, made.commit?.slice(0, 7)].map((text) => text ?? '') : []),
    ]),
    width,
    dim: colors.dim,
  });
  const more = roomy ? '' : ` --json, or ${wide} columns, also show the host, user, version and commit.`;
  return `${table}\n\nautopilot history STUDY shows one.${more}`;
}

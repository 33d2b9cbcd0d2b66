import type { Store } from '../../db/index.ts';
import type { Doubt } from '../domain/measured.ts';
import type { StudyOutcome } from '../domain/study.ts';
import { outcomeWord } from './measured.ts';
import type { TextOptions } from './text-table.ts';
import { textTable } from './text-table.ts';

export interface ListedStudy {
  study: string;
  workers: number;
  /** The highest iteration so far; null before the first. */
  lastIteration: number | null;
  outcome: StudyOutcome | null;
  /** Why its runs may not be what was asked: with any of these its verdict is unverified. */
  unverified: Doubt[];
  simulated: boolean;
  /** ISO 8601. */
  created: string;
}

/** Every study of a store, oldest first. */
export function studyList(store: Store): ListedStudy[] {
  return store.studies().map((study) => ({
    study: study.name,
    workers: study.workers,
    lastIteration: store.iterationsOf(study.id).at(-1)?.number ?? null,
    outcome: study.outcome,
    unverified: store.doubtsOf(study.id),
    simulated: study.simulated,
    created: new Date(study.createdMs).toISOString(),
  }));
}

export function studyListText(list: readonly ListedStudy[], { width, colors }: TextOptions): string {
  if (list.length === 0) return 'There is no study yet. Start one with: autopilot run study.yaml';
  const table = textTable({
    columns: [
      { heading: 'study', flexible: true },
      { heading: 'k', align: 'right' },
      { heading: 'iterations', align: 'right' },
      { heading: 'outcome' },
      { heading: 'created' },
    ],
    rows: list.map(({ study, workers, lastIteration, outcome, unverified, simulated, created }) => [
      study,
      String(workers),
      lastIteration === null ? '' : String(lastIteration),
      `${outcomeWord(outcome, unverified)}${simulated ? colors.yellow(' (simulated)') : ''}`,
      created.slice(0, 16).replace('T', ' '),
    ]),
    width,
    dim: colors.dim,
  });
  return `${table}\n\nautopilot history STUDY shows one.`;
}

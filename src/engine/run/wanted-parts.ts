import type { Store } from '../../../db/index.ts';
import { isBaselineGiven } from '../../config/given-baseline.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { RunEvaluation, RunKind } from '../../domain/study.ts';
import type { DecidingParts, WantedParts } from '../attempt/deciding-parts.ts';

export interface WantedPartsOptions {
  store: Store;
  studyId: string;
  config: Pick<ResolvedStudyConfig, 'decision' | 'baseline'>;
  kind: RunKind;
}

/** Which evaluations of a study's next run count: those the baseline was judged on, once it has been. */
export function wantedParts({ store, studyId, config, kind }: WantedPartsOptions): WantedParts {
  const wanted = firstParts(config, kind);
  const first = store
    .eventsOf(studyId, { types: ['run.finished'] })
    .find(({ event }) => event.key.startsWith('baseline-'));
  if (first === undefined) return wanted;
  const settled = partsOf(first.event);
  // A baseline entered by hand, or stored before parts had names, belongs to no named part.
  return { ...wanted, settled, known: settled === null };
}

/** Like `wantedParts`, before any run has ended. */
export function firstParts(config: WantedPartsOptions['config'], kind: RunKind): WantedParts {
  return {
    split: config.decision.split ?? 'auto',
    settled: null,
    known: isBaselineGiven(config),
    confirms: kind !== 'iteration',
  };
}

function partsOf({ split, confirming }: RunEvaluation): DecidingParts | null {
  return split === undefined ? null : { choose: split, confirm: confirming?.split ?? null };
}

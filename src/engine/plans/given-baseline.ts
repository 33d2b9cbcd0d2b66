import type { Store } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { Decision } from '../../domain/study.ts';
import { storedRun } from '../run/stored-run.ts';
import type { GuidelineLog } from './guideline-log.ts';

export interface GiveBaselineOptions {
  store: Store;
  studyId: string;
  config: ResolvedStudyConfig;
  log: GuidelineLog;
  now: () => number;
}

/** Tells the guideline the baseline that the config names, once; returns what it decides. */
export function giveBaseline({ store, studyId, config, log, now }: GiveBaselineOptions): readonly Decision[] {
  const { runs, mean, sd, n } = config.baseline;
  const requests = log.pending().filter(({ kind }) => kind === 'baseline');
  if (requests.length === 0) return [];
  const [first] = requests;
  if (mean !== undefined && first !== undefined) {
    // One row in the store, named as given: its metrics are means, and the event has the spread.
    return log.record({ type: 'baseline.given', summary: { mean, sd: sd ?? {}, n: n ?? 1 } }, () => {
      const run = storedRun({ store, studyId, config, request: first, origin: 'given', now });
      store.markRunEnded(run.id, { state: 'finished', reason: null, metrics: mean, timeMs: now() });
    });
  }
  if (runs === undefined) return [];
  return log.record({ type: 'baseline.given', runs }, () => {
    requests.forEach((request, index) => {
      const run = storedRun({ store, studyId, config, request, origin: 'given', now });
      store.markRunEnded(run.id, { state: 'finished', reason: null, metrics: runs[index] ?? null, timeMs: now() });
    });
  });
}

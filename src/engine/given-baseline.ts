import type { Store } from '../../db/index.ts';
import type { ResolvedStudyConfig } from '../config/resolve.ts';
import type { Decision } from '../domain/study.ts';
import type { GuidelineLog } from './guideline-log.ts';
import { storedRun } from './stored-run.ts';

export interface GiveBaselineOptions {
  store: Store;
  studyId: string;
  config: ResolvedStudyConfig;
  log: GuidelineLog;
  now: () => number;
}

/** Tells the guideline the baseline that the config names, once; returns what it decides. */
export function giveBaseline({ store, studyId, config, log, now }: GiveBaselineOptions): readonly Decision[] {
  const { runs } = config.baseline;
  const requests = log.pending().filter(({ kind }) => kind === 'baseline');
  if (runs === undefined || requests.length === 0) return [];
  return log.record({ type: 'baseline.given', runs }, () => {
    requests.forEach((request, index) => {
      const run = storedRun({ store, studyId, config, request, origin: 'given', now });
      store.markRunEnded(run.id, { state: 'finished', reason: null, metrics: runs[index] ?? null, timeMs: now() });
    });
  });
}

import type { RunOrigin, RunRecord, Store } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { AutopilotError } from '../../domain/errors.ts';
import type { RunRequest } from '../../domain/study.ts';
import { runSeed } from './run-seed.ts';

export interface StoredRunOptions {
  store: Store;
  studyId: string;
  config: ResolvedStudyConfig;
  request: RunRequest;
  origin?: RunOrigin;
  now: () => number;
}

/** The run of a request in the store; made the first time, found ever after. */
export function storedRun({ store, studyId, config, request, origin = 'trained', now }: StoredRunOptions): RunRecord {
  const { key } = request;
  const known = store.runByKey(studyId, key);
  if (known) return known;
  const simulated = config.trainer.kind === 'simulated';
  const seed = runSeed(config.seed, key);
  store.insertRun({ ...request, id: `${config.name}.${key}`, studyId, seed, origin, simulated, createdMs: now() });
  const run = store.runByKey(studyId, key);
  if (run === undefined) throw new AutopilotError('run.missing', `Run "${key}" could not be stored.`);
  return run;
}

import { randomBytes } from 'node:crypto';
import type { RunOrigin, RunRecord } from '../../../db/index.ts';
import { AutopilotError } from '../../domain/errors.ts';
import type { RunRequest } from '../../domain/study.ts';
import type { OpenStudy } from '../plans/plan.ts';
import { runSeed } from './run-seed.ts';

export interface StoredRunOptions {
  request: RunRequest;
  /** By default derived from the study's seed and the run's key. */
  seed?: number | undefined;
  origin?: RunOrigin;
}

/** The stored run for a request, created on first use. */
export function storedRun(
  { store, study, config, now }: OpenStudy,
  { request, seed = runSeed(config.seed, request.key), origin = 'trained' }: StoredRunOptions,
): RunRecord {
  const { key } = request;
  const known = store.runByKey(study.id, key);
  if (known) return known;
  const simulated = config.trainer.kind === 'simulated';
  const id = `${study.id}.${key}.${randomBytes(4).toString('hex')}`;
  store.insertRun({ ...request, id, studyId: study.id, seed, origin, simulated, createdMs: now() });
  const run = store.runByKey(study.id, key);
  if (run === undefined) throw new AutopilotError('run.missing', `Run "${key}" could not be stored.`);
  return run;
}

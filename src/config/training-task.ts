import { canonicalJson } from '../domain/hash.ts';
import type { ResolvedStudyConfig } from './resolve.ts';

/** What one training does, given its workers, setting and seed: the config without what decides other things. */
export function taskOf(config: ResolvedStudyConfig): string {
  const {
    name,
    workers,
    seed,
    baseline,
    guideline,
    goal,
    start,
    budget,
    compare,
    scale,
    cost,
    notify,
    concurrentRuns,
    trainAhead,
    attempts,
    ...rest
  } = config;
  const { timeouts, checkpoints, compute, launcher, decision, setting, trainer, ...task } = rest;
  const { decayShape } = setting;
  const { metrics } = decision;
  const { backend, exact } = compute;
  // Left out for float32, which every config meant before the field existed, so that stored tasks stay the same.
  const arithmetic = compute.precision === 'float32' ? {} : { precision: compute.precision };
  const shards = 'shards' in launcher ? launcher.shards : 'exact';
  const { epochMs: _, ...who } = { epochMs: 0, ...trainer };
  return canonicalJson({ ...task, decayShape, metrics, backend, exact, ...arithmetic, shards, who });
}

import type { RunRecord, Store } from '../../db/index.ts';
import type { ResolvedStudyConfig } from '../config/resolve.ts';
import { readableConfig } from '../config/stored.ts';
import { canonicalJson } from '../domain/hash.ts';
import type { PlannedRun } from './plan.ts';

/** What one training does, given its workers, setting and seed: the config without all that decides about other things. */
export function taskOf(config: ResolvedStudyConfig): string {
  const { name, workers, seed, baseline, guideline, budget, compare, concurrentRuns, attempts, ...rest } = config;
  const { timeouts, checkpoints, compute, launcher, decision, setting, trainer, ...task } = rest;
  const { decayShape } = setting;
  const { metrics } = decision;
  const { backend, exact } = compute;
  const shards = 'shards' in launcher ? launcher.shards : 'exact';
  const { epochMs: _, ...who } = { epochMs: 0, ...trainer };
  return canonicalJson({ ...task, decayShape, metrics, backend, exact, shards, who });
}

/** A run of another study that is the very training a cell asks for, but for the seed; each is used once. */
export function reusableRun(options: {
  store: Store;
  comparisonId: string;
  /** Names of the comparison's own studies: what they tried was chosen by its result. */
  searches: readonly string[];
  config: ResolvedStudyConfig;
  planned: PlannedRun;
}): RunRecord | null {
  const { store, comparisonId, searches, config, planned } = options;
  const { policy, request } = planned;
  if (policy !== 'baseline' && policy !== 'greScale') return null;
  const task = taskOf(config);
  const used = new Set(store.eventsOf(comparisonId, { types: ['cell.reused'] }).map(({ payload }) => payload.from));
  for (const study of store.studies()) {
    const stored = searches.includes(study.name) ? null : readableConfig(study);
    if (stored === null || taskOf(stored) !== task) continue;
    // Cells are compared on the test part, a study may have chosen on another.
    const onTest = (run: RunRecord) => store.evaluationsOf(run.id).every(({ split }) => split === 'test');
    const found = store.runsOf(study.id).find((run) => fits(run, request) && !used.has(run.id) && onTest(run));
    if (found) return found;
  }
  return null;
}

/** Validations are left out: a setting is validated because its first run was good, so the two are not one sample. */
function fits(run: RunRecord, { workers, setting, kind }: PlannedRun['request']): boolean {
  const first = kind === 'baseline' ? run.kind === 'baseline' : run.kind === 'iteration' && run.iteration === 0;
  return (
    first &&
    run.state === 'finished' &&
    run.origin === 'trained' &&
    run.metrics !== null &&
    run.workers === workers &&
    canonicalJson(run.setting) === canonicalJson(setting)
  );
}

import type { RunRecord, Store, StudyRecord } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { readableConfig } from '../../config/stored.ts';
import { taskOf } from '../../config/training-task.ts';
import { canonicalJson } from '../../domain/hash.ts';
import type { KnownTrainings } from '../../domain/known-trainings.ts';
import { settingKey } from '../../domain/setting-key.ts';
import type { Plan, PlanKind, Session, WantedTraining } from '../plans/plan.ts';
import { recordsAllItReads, sameProgram } from './study-program.ts';

/** A stored run that is identical to a wanted training, and its study. */
export interface SameTraining {
  study: StudyRecord;
  run: RunRecord;
}

export interface SameTrainingOptions {
  store: Store;
  config: ResolvedStudyConfig;
  /** The study that wants the training, which is not searched; null before it is stored. */
  own: string | null;
  /** Whether to take results only from `trusted` studies. Default: false. */
  fresh?: boolean;
  /** Studies whose program is known to be the same, whatever is recorded of it. Default: none. */
  trusted?: readonly string[];
}

/** The identical training with a result in another study: same task, files, versions, workers, setting and seed. */
export function sameTraining(options: SameTrainingOptions, wanted: WantedTraining): SameTraining | null {
  const { store, config, fresh = false, trusted = [] } = options;
  for (const { study, run } of alike(options, wanted)) {
    if (trusted.includes(study.name) || (!fresh && sameProgram({ store, config }, study.id))) return { study, run };
  }
  return null;
}

/** Trainings that are identical as far as their configs tell, whatever their files. */
function* alike({ store, config, own }: SameTrainingOptions, wanted: WantedTraining): Iterable<SameTraining> {
  const task = trainingOf(config);
  const simulated = config.trainer.kind === 'simulated';
  for (const study of store.studies()) {
    if (study.id === own || study.simulated !== simulated) continue;
    const stored = readableConfig(study);
    if (stored === null || trainingOf(stored) !== task) continue;
    const run = store.runsOf(study.id).find((one) => isSame(one, wanted, config.epochs));
    if (run !== undefined) yield { study, run };
  }
}

/** Which of these trainings the project already has. */
export function knownTrainings(options: SameTrainingOptions, wanted: readonly WantedTraining[]): KnownTrainings {
  const counts = new Map<string, number>();
  let baseline = 0;
  const unrecorded = new Set<string>();
  for (const each of wanted) {
    const name = sameTraining(options, each)?.study.name;
    if (name !== undefined && each.kind === 'baseline') baseline += 1;
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    else if (!recordsAllItReads(options.config))
      for (const { study } of alike(options, each)) unrecorded.add(study.name);
  }
  const studies = [...counts].map(([study, runs]) => ({ study, runs }));
  return { wanted: wanted.length, baseline, studies, unrecorded: [...unrecorded] };
}

/** Which of the trainings that a study begins with the project already has. */
export function knownAtStart(
  kind: PlanKind,
  { store, config }: Pick<SameTrainingOptions, 'store' | 'config'>,
): KnownTrainings {
  const first = kind.first?.(config) ?? { config, wanted: [] };
  return knownTrainings({ store, config: first.config, own: kind.describe(first.config).name }, first.wanted);
}

/**
 * Takes over the result of the identical training from another study of the project. Training it again would give the
 * same result, so reuse introduces no selection bias. Returns false if there is none.
 */
export function takeResult(session: Session, plan: Plan, run: RunRecord, trusted: readonly string[] = []): boolean {
  const { store, study, config, fresh } = session;
  const same = sameTraining({ store, config, own: study.id, fresh, trusted }, run);
  return same !== null && takeFrom(session, plan, run, same);
}

/** Takes over that training's result as the run's. Returns false if it has none. */
export function takeFrom(session: Session, plan: Plan, run: RunRecord, same: SameTraining): boolean {
  const { store, study, say, now } = session;
  const { study: other, run: trained } = same;
  const result = resultOf(store, other, trained);
  if (result === null) return false;
  // Its numbers are read on the scale settled there.
  const scale = store.lastEventOf(other.id, ['scale.settled'])?.event.scale;
  if (scale !== undefined && store.lastEventOf(study.id, ['scale.settled']) === undefined) {
    store.appendEvent(study.id, { type: 'scale.settled', scale, by: `${other.name}.${trained.key}` }, now());
  }
  for (const type of ['metrics.known', 'capabilities.known'] as const) {
    const known = store.lastEventOf(other.id, [type])?.event;
    const own = store.lastEventOf(study.id, [type])?.event;
    if (known !== undefined && canonicalJson(known) !== canonicalJson(own ?? null)) plan.record(known);
  }
  const made = plan.record({ ...result, key: run.key }, () => {
    store.setRunOrigin(run.id, 'imported');
    store.markRunEnded(run.id, {
      state: trained.state === 'diverged' ? 'diverged' : 'finished',
      reason: `taken from ${trained.id}${trained.reason === null ? '' : `: ${trained.reason}`}`,
      metrics: trained.metrics,
      timeMs: now(),
    });
    store.appendEvent(study.id, { type: 'cell.reused', key: run.key, from: trained.id }, now());
  });
  say({ type: 'run.reused', key: run.key, from: trained.id });
  for (const decision of made) say({ type: 'decision', decision });
  return true;
}

function isSame(one: RunRecord, wanted: WantedTraining, epochs: number): boolean {
  return (
    (one.state === 'diverged' || (one.state === 'finished' && one.metrics !== null)) &&
    one.origin === 'trained' &&
    one.kind === wanted.kind &&
    one.workers === wanted.workers &&
    one.seed === wanted.seed &&
    settingKey(one.setting, epochs) === settingKey(wanted.setting, epochs)
  );
}

/** What is trained, and on which part of the data it is evaluated. */
function trainingOf(config: ResolvedStudyConfig): string {
  return `${taskOf(config)} ${config.decision.split ?? 'auto'}`;
}

function resultOf(store: Store, study: StudyRecord, { key }: RunRecord) {
  const events = store.eventsOf(study.id, { types: ['run.finished', 'run.diverged'] });
  return events.find(({ event }) => event.key === key)?.event ?? null;
}

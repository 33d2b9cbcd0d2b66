import type { RunRecord, Store, StudyRecord } from '../../db/index.ts';
import type { ResolvedStudyConfig } from '../config/resolve.ts';
import { readableConfig } from '../config/stored.ts';
import { taskOf } from '../config/training-task.ts';
import { canonicalJson } from '../domain/hash.ts';
import { settingKey } from '../domain/setting-key.ts';
import type { Driven } from '../engine/plans/plan.ts';
import { sameProgram } from '../engine/study/study-program.ts';

/** A stored run that is the very training that is wanted, and its study. */
interface SameTraining {
  study: StudyRecord;
  run: RunRecord;
}

/**
 * Takes the result of the very same training where another study of the project has it: same task, files, workers, setting and
 * seed; `ofScaling` are the studies that this one began, whose program it has. Trained again it would be the same, so that nothing is chosen by its result. Returns whose it is; null without one.
 */
export function takeResult(driven: Driven, run: RunRecord, ofScaling: readonly string[]): string | null {
  const { session, plan, meaning } = driven;
  const { store, study, say, now } = session;
  const same = sameTraining(driven, run, ofScaling);
  if (same === null) return null;
  const { study: other, run: trained } = same;
  const result = resultOf(store, other, trained);
  if (result === null) return null;
  // Its numbers are read as they were there.
  const scale = store.lastEventOf(other.id, ['scale.settled'])?.event.scale;
  if (scale !== undefined && store.lastEventOf(study.id, ['scale.settled']) === undefined) {
    meaning.settle(scale, `${other.name}.${trained.key}`);
  }
  for (const type of ['metrics.known', 'capabilities.known'] as const) {
    const known = store.lastEventOf(other.id, [type])?.event;
    const own = store.lastEventOf(study.id, [type])?.event;
    if (known !== undefined && canonicalJson(known) !== canonicalJson(own ?? null)) plan.record(known);
  }
  const made = plan.record({ ...result, key: run.key }, () => {
    store.setRunOrigin(run.id, 'imported');
    store.markRunEnded(run.id, {
      state: 'finished',
      reason: `taken from ${trained.id}`,
      metrics: trained.metrics,
      timeMs: now(),
    });
    store.appendEvent(study.id, { type: 'cell.reused', key: run.key, from: trained.id }, now());
  });
  for (const decision of made) say({ type: 'decision', decision });
  return trained.id;
}

function sameTraining({ session }: Driven, wanted: RunRecord, ofScaling: readonly string[]): SameTraining | null {
  const { store, study: own, config } = session;
  const task = trainingOf(config);
  for (const study of store.studies()) {
    if (study.id === own.id || study.simulated !== own.simulated) continue;
    const stored = readableConfig(study);
    if (stored === null || trainingOf(stored) !== task) continue;
    if (!ofScaling.includes(study.name) && !sameProgram(session, own.id, study.id)) continue;
    const run = store.runsOf(study.id).find((one) => isSame(one, wanted, config.epochs));
    if (run !== undefined) return { study, run };
  }
  return null;
}

function isSame(one: RunRecord, wanted: RunRecord, epochs: number): boolean {
  return (
    one.state === 'finished' &&
    one.origin === 'trained' &&
    one.metrics !== null &&
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
  const events = store.eventsOf(study.id, { types: ['run.finished'] });
  return events.find(({ event }) => event.key === key)?.event ?? null;
}

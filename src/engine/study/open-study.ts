import type { Store, StudyRecord } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { storedConfig } from '../../config/stored.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { hashOf } from '../../domain/hash.ts';
import { guidelineKind } from '../plans/guideline-kind.ts';
import { reopenStudy } from '../plans/guideline-plan.ts';
import type { PlanKind } from '../plans/plan.ts';
import { type ConfigChange, configChanges, describeChange } from './config-changes.ts';
import { madeWhere } from './made-where.ts';
import { markOwn, requireTrusted } from './trust.ts';

export interface OpenStudyOptions {
  store: Store;
  config: ResolvedStudyConfig;
  /** The project folder. */
  directory: string;
  /** By default a study with a guideline. */
  kind?: PlanKind;
  /** Continue a study that failed or was cancelled. */
  reopen?: boolean | undefined;
  now: () => number;
}

/** Finds or creates the study of a config. A study is never overwritten: another config under its name is refused. */
export function openStudy({ kind = guidelineKind, reopen = false, ...options }: OpenStudyOptions): StudyRecord {
  const { store, config } = options;
  const { name } = kind.describe(config);
  return store.transaction(() => {
    const existing = store.study(name);
    if (existing === undefined) createStudy({ ...options, kind });
    else continueStudy(existing, { ...options, kind, reopen });
    const study = store.study(name);
    if (study === undefined) throw new AutopilotError('study.missing', `Study "${name}" could not be stored.`);
    return study;
  });
}

function createStudy({ store, config, directory, kind, now }: OpenStudyOptions & { kind: PlanKind }): void {
  const timeMs = now();
  const described = kind.describe(config);
  store.insertStudy({
    ...described,
    id: described.name,
    kind: kind.kind,
    config,
    configHash: hashOf(config),
    directory,
    epochs: config.epochs,
    simulated: config.trainer.kind === 'simulated',
    versions: madeWhere(directory),
    createdMs: timeMs,
  });
  store.appendEvent(described.name, { type: 'study.created', config }, timeMs);
  markOwn(store, { id: described.name, project: directory, timeMs });
}

function continueStudy(study: StudyRecord, options: OpenStudyOptions & { kind: PlanKind; reopen: boolean }): void {
  const { store, config, directory, kind, reopen, now } = options;
  const { noun, code, differs } = kind.words;
  if (study.kind !== kind.kind) {
    throw new AutopilotError(
      `${code}.name`,
      `"${study.name}" is a ${study.kind === 'guideline' ? 'study' : study.kind}, and the ${noun} of "${config.name}" needs that name. Give the study in the file another name.`,
    );
  }
  requireTrusted(store, study, directory);
  const changes = configChanges(storedConfig(study, directory), config);
  const refused = changes.filter((change) => !kind.allows(change));
  if (refused.length > 0) {
    throw new AutopilotError(
      `${code}.differs`,
      [
        `${noun.charAt(0).toUpperCase()}${noun.slice(1)} "${study.name}" is stored with a different config:`,
        ...refused.map((change) => `  ${describeChange(change)}`),
        differs,
      ].join('\n'),
    );
  }
  if (kind.describe(config).guidelineHash !== study.guidelineHash) {
    throw new AutopilotError(
      'study.guideline',
      `Study "${study.name}" was started with another version of its guideline. Resume it with the autopilot it was started with, or give the new study another name.`,
    );
  }
  const moved = directory !== study.directory;
  if (moved || changes.length > 0) {
    store.setConfig(study.id, { config, configHash: hashOf(config), directory });
    markOwn(store, { id: study.id, project: directory, timeMs: now() });
  }
  if (moved) store.appendEvent(study.id, { type: 'study.moved', from: study.directory, to: directory }, now());
  if (changes.length > 0) {
    store.appendEvent(study.id, { type: 'study.configured', changes: changes.map(describeChange) }, now());
  }
  if (canReopen(study, reopen, changes)) {
    reopenStudy(store, study.id, now());
  }
  // Still within the transaction: a refused study stays as it was, including its outcome.
  kind.requireSame?.({ store, study: store.study(study.name) ?? study, config });
}

function canReopen({ outcome }: StudyRecord, reopen: boolean, changes: readonly ConfigChange[]): boolean {
  const changed = (name: string) => changes.some(({ field }) => field === name || field.startsWith(`${name}.`));
  if (outcome === 'failed' || outcome === 'cancelled') return reopen;
  return outcome === 'noLoss' ? changed('baseline.extend') : outcome === 'budgetSpent' && changed('budget');
}

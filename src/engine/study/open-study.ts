import { hostname } from 'node:os';
import type { Store, StudyRecord } from '../../../db/index.ts';
import { guidelineHash } from '../../../machines/guideline/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { storedConfig } from '../../config/stored.ts';
import { packageVersion } from '../../deploy/package-version.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { hashOf } from '../../domain/hash.ts';
import { guidelineOf } from '../plans/guideline-input.ts';
import { reopenStudy } from '../plans/guideline-log.ts';
import { configChanges, describeChange } from './config-changes.ts';

export interface OpenStudyOptions {
  store: Store;
  config: ResolvedStudyConfig;
  /** The project folder. */
  directory: string;
  /** Go on with a study that has failed or was cancelled. */
  reopen: boolean;
  now: () => number;
}

/** Finds or creates the study of a config. A study is never overwritten: another config under its name is refused. */
export function openStudy(options: OpenStudyOptions): StudyRecord {
  const { store, config } = options;
  return store.transaction(() => {
    const existing = store.study(config.name);
    if (existing === undefined) createStudy(options);
    else continueStudy(existing, options);
    const study = store.study(config.name);
    if (study === undefined) throw new AutopilotError('study.missing', `Study "${config.name}" could not be stored.`);
    return study;
  });
}

function createStudy({ store, config, directory, now }: OpenStudyOptions): void {
  const timeMs = now();
  const { name, workers, epochs, trainer } = config;
  store.insertStudy({
    id: name,
    name,
    config,
    configHash: hashOf(config),
    guidelineHash: guidelineHash(guidelineOf(config)),
    directory,
    workers,
    epochs,
    simulated: trainer.kind === 'simulated',
    versions: {
      autopilot: packageVersion(),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      host: hostname(),
    },
    createdMs: timeMs,
  });
  store.appendEvent(name, { type: 'study.created', ...{ config } }, timeMs);
}

function continueStudy(study: StudyRecord, { store, config, directory, reopen, now }: OpenStudyOptions): void {
  const changes = configChanges(storedConfig(study), config);
  const refused = changes.filter(({ allowed }) => !allowed);
  if (refused.length > 0) {
    throw new AutopilotError(
      'study.differs',
      [
        `Study "${study.name}" is stored with another config:`,
        ...refused.map((change) => `  ${describeChange(change)}`),
        `Results under different configs cannot be compared. Put these values back, or give the new study another name (name: …, or --fresh-name).`,
      ].join('\n'),
    );
  }
  if (guidelineHash(guidelineOf(config)) !== study.guidelineHash) {
    throw new AutopilotError(
      'study.guideline',
      `Study "${study.name}" was started with another version of its guideline. Resume it with the autopilot it was started with, or give the new study another name.`,
    );
  }
  if (changes.length > 0) {
    store.setConfig(study.id, { config, configHash: hashOf(config), directory });
    store.appendEvent(study.id, { type: 'study.configured', ...{ changes: changes.map(describeChange) } }, now());
  }
  if (canReopen(study, { reopen, changed: changes.some(({ field }) => field.startsWith('budget.')) })) {
    reopenStudy(store, study.id, now());
  }
}

function canReopen({ outcome }: StudyRecord, { reopen, changed }: { reopen: boolean; changed: boolean }): boolean {
  if (outcome === 'failed' || outcome === 'cancelled') return reopen;
  return outcome === 'budgetSpent' && changed;
}

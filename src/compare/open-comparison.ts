import { hostname } from 'node:os';
import type { Store, StudyRecord } from '../../db/index.ts';
import type { ResolvedStudyConfig } from '../config/resolve.ts';
import { storedConfig } from '../config/stored.ts';
import { AutopilotError } from '../domain/errors.ts';
import { hashOf } from '../domain/hash.ts';
import { configChanges, describeChange } from '../engine/study/config-changes.ts';
import { comparisonPlan } from './plan.ts';

export interface OpenComparisonOptions {
  store: Store;
  config: ResolvedStudyConfig;
  /** The project folder. */
  directory: string;
  now: () => number;
}

/** Finds or creates the comparison of a config. Cells may be added later; what a cell means may not change. */
export function openComparison({ store, config, directory, now }: OpenComparisonOptions): StudyRecord {
  const { name } = comparisonPlan(config);
  return store.transaction(() => {
    const existing = store.study(name);
    if (existing === undefined) create({ store, config, directory, now });
    else goOn(existing, { store, config, directory, now });
    const study = store.study(name);
    if (study === undefined) throw new AutopilotError('compare.missing', `Comparison "${name}" could not be stored.`);
    return study;
  });
}

function create({ store, config, directory, now }: OpenComparisonOptions): void {
  const { name, workers } = comparisonPlan(config);
  store.insertStudy({
    id: name,
    name,
    kind: 'comparison',
    config,
    configHash: hashOf(config),
    guidelineHash: '',
    directory,
    workers: Math.max(...workers),
    epochs: config.epochs,
    simulated: config.trainer.kind === 'simulated',
    versions: { node: process.version, platform: `${process.platform} ${process.arch}`, host: hostname() },
    createdMs: now(),
  });
  store.appendEvent(name, { type: 'comparison.created', ...{ config } }, now());
}

/** More seeds, workers or policies add cells; the search, LARS's rate and the task give the old ones their meaning. */
const growing = ['compare.workers', 'compare.policies', 'compare.seeds', 'compare.budget'];

function goOn(study: StudyRecord, { store, config, directory, now }: OpenComparisonOptions): void {
  if (study.kind !== 'comparison') {
    throw new AutopilotError(
      'compare.name',
      `"${study.name}" is a study, and the comparison of "${config.name}" needs that name. Give the study in the file another name.`,
    );
  }
  const changes = configChanges(storedConfig(study), config);
  const refused = changes.filter(({ field, allowed }) => {
    const compared = field === 'compare' || field.startsWith('compare.');
    const grows = field === 'compare' || growing.some((name) => field === name || field.startsWith(`${name}.`));
    return compared ? !grows : !allowed && field !== 'workers';
  });
  if (refused.length > 0) {
    throw new AutopilotError(
      'compare.differs',
      [
        `Comparison "${study.name}" is stored with another config:`,
        ...refused.map((change) => `  ${describeChange(change)}`),
        'Its runs cannot stand beside new ones. Put these values back, or give the study in the file another name.',
      ].join('\n'),
    );
  }
  if (changes.length === 0) return;
  store.setConfig(study.id, { config, configHash: hashOf(config), directory });
  store.appendEvent(study.id, { type: 'study.configured', ...{ changes: changes.map(describeChange) } }, now());
}

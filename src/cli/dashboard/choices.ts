import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord, Store } from '../../../db/index.ts';
import { configFileName } from '../../config/source.ts';
import { readableConfig } from '../../config/stored.ts';
import type { Choices, ConfigField } from '../../dashboard/work.ts';
import { knownMetric } from '../../domain/metric/definition.ts';
import { metricText } from '../../domain/metric/text.ts';
import { count } from '../../domain/text/format.ts';
import { packageFolder } from '../../protocol/package-version.ts';
import { runDirectoryOf } from '../../protocol/run-directory.ts';
import { decisionMetrics } from '../../report/metric-meaning.ts';
import { listZoo } from '../../zoo/zoo-store.ts';
import { ownZoos } from '../shipped-zoo.ts';
import { harmless } from './page-config.ts';

/** Maximum number of studies whose runs are offered (the newest), and of runs per study. */
const most = { studies: 10, runs: 60 };

/** Finished runs of the embedded trainer on slices, which can become models: newest study first, best run first. */
export function trainedRuns(store: Store, project: string): Choices['runs'] {
  const studies = store.studies().filter((study) => {
    const config = readableConfig(study);
    return config?.trainer.kind === 'embedded' && config.data.kind === 'slices';
  });
  return studies
    .slice(-most.studies)
    .reverse()
    .flatMap((study) => {
      const [metric = 'dice'] = decisionMetrics(study.config);
      const definition = knownMetric(metric);
      const text = metricText(metric, definition);
      const sign = definition?.direction === 'lower' ? -1 : 1;
      // These metrics decide between settings, so they are of the validation part where there is one.
      const rank = (run: RunRecord) => sign * (run.metrics?.[metric] ?? Number.NEGATIVE_INFINITY * sign);
      return store
        .runsOf(study.id)
        .filter(({ id, state }) => state === 'finished' && existsSync(join(runDirectoryOf(project, id), 'weights.bin')))
        .sort((a, b) => rank(b) - rank(a))
        .slice(0, most.runs)
        .map(({ id, key, workers, metrics }) => {
          const value = metrics?.[metric];
          const measured = value === undefined ? '' : `, ${metric} ${text.valueWithUnit(value)}`;
          return { id, study: study.name, text: `${study.name}: ${key}, ${count(workers, 'worker')}${measured}` };
        });
    });
}

/** The project's own models, then those that come with the program. */
export async function knownModels(project: string): Promise<Choices['models']> {
  const entries = (await Promise.all(ownZoos(join(project, 'zoo')).map(listZoo))).flat();
  return entries.map(({ name, description, licence }) => ({ name, text: `${name}: ${description} (${licence})` }));
}

export const exampleFolder = () => join(packageFolder(), 'examples');

/** The examples that need no program of their own, each with the question in its first comment and its config. */
export function examples(): { name: string; question: string; config: string }[] {
  const folder = exampleFolder();
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const file = join(folder, name, configFileName);
    if (!existsSync(file)) return [];
    const text = readFileSync(file, 'utf8');
    if (/^ +kind: command$/m.test(text)) return [];
    const question = /^# (.*)$/m.exec(text)?.[1] ?? name;
    // Paths are relative to the config's folder, which a config from the page does not have.
    const config = text.replace(/^( +path: )(?!\/)(\S+)/m, (_, before, path) => before + join(folder, name, path));
    return [{ name, question, config }];
  });
}

/** Every field that a config from the page may have, read from the reference, which is generated from the schemas. */
export function configFields(): ConfigField[] {
  const file = join(packageFolder(), 'docs', 'config.md');
  if (!existsSync(file)) return [];
  const plain = (cell: string) => cell.replaceAll('`', '').replaceAll('\\|', '|').trim();
  let section = '';
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line): ConfigField[] => {
      const heading = /^##+ (?:`(.*)`|.*)$/.exec(line);
      if (heading) section = heading[1] ?? '';
      const [, name = '', values = '', standard = '', meaning = ''] = line.split(/(?<!\\)\|/).map(plain);
      if (!line.startsWith('| `')) return [];
      // A heading such as `trainer.kind: embedded` names the kind that its fields belong to.
      const [, owner = '', kind] = /^([^.:]*)(?:\..*: (.*))?$/.exec(section) ?? [];
      const path = owner === '' ? name : `${owner}.${name}${kind === undefined ? '' : ` (${kind})`}`;
      return harmless.has(path.split('.')[0] ?? '') ? [{ name: path, values, standard, meaning }] : [];
    });
}

import type { Store } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { projectOf, readableConfig } from '../../config/stored.ts';
import { taskOf } from '../../config/training-task.ts';
import { count, formatSeconds } from '../../domain/text/format.ts';

/** Seconds of one epoch on one worker and on k, and where they come from. */
export interface EpochSeconds {
  one: number;
  all: number;
  /** One sentence's end: measured where, or given. */
  source: string;
}

/** What an epoch takes: measured in runs of the same training in this project, else by the config's line; else null. */
export function epochSeconds(config: ResolvedStudyConfig, store: Store | null): EpochSeconds | null {
  const { workers, cost } = config;
  const measured = store === null ? null : measuredEpochs(config, store);
  const given = cost?.epochSeconds;
  const one = measured?.one ?? given ?? alone(measured?.all, config);
  if (one === null || one === undefined) return null;
  const all = measured?.all ?? shared(one, config);
  const how = shared(one, config) === one ? 'no faster on one machine' : `a ${count(workers, 'worker')}th of it`;
  const rest = measured?.all === undefined ? `; on ${count(workers, 'worker')}, not measured yet, ${how}` : '';
  const source =
    measured === null
      ? `cost.epochSeconds, ${formatSeconds(one)} on one worker${rest}`
      : `measured in study ${measured.study}: ${formatSeconds(one)} an epoch on one worker${measured.all === undefined ? rest : `, ${formatSeconds(all)} on ${workers}`}`;
  return { one, all, source };
}

/** Workers that one process plays, or one machine's cores share, are as slow as one. */
function shared(one: number, { launcher, workers }: ResolvedStudyConfig): number {
  return launcher.kind === 'local' ? one : one / workers;
}

function alone(all: number | undefined, { launcher, workers }: ResolvedStudyConfig): number | null {
  if (all === undefined) return null;
  return launcher.kind === 'local' ? all : all * workers;
}

/** Medians over the newest study that trains the same. */
function measuredEpochs(
  config: ResolvedStudyConfig,
  store: Store,
): { study: string; one?: number; all?: number } | null {
  const task = taskOf(config);
  for (const study of store.studies().reverse()) {
    const stored = readableConfig(study, projectOf(store));
    if (stored === null || taskOf(stored) !== task) continue;
    const runs = store.runsOf(study.id).filter(({ origin }) => origin === 'trained');
    const secondsOn = (workers: number) =>
      median(
        runs
          .filter((run) => run.workers === workers)
          .slice(0, 8)
          .flatMap(({ id }) =>
            store.epochsOf(id).flatMap(({ seconds }) => (seconds !== null && seconds > 0 ? [seconds] : [])),
          ),
      );
    const [one, all] = [secondsOn(1), secondsOn(config.workers)];
    if (one === undefined && all === undefined) continue;
    return { study: study.name, ...(one === undefined ? {} : { one }), ...(all === undefined ? {} : { all }) };
  }
  return null;
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

import type { Store } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { projectOf, readableConfig } from '../../config/stored.ts';
import { taskOf } from '../../config/training-task.ts';
import { count, formatSeconds } from '../../domain/text/format.ts';

/** Seconds of one epoch on one worker and on k, and where they come from. */
export interface EpochSeconds {
  one: number;
  all: number;
  /** The end of a sentence: where it was measured, or that it was given. */
  source: string;
}

/** Measured in this project's runs of the same training, else from the config's `cost.epochSeconds`, else null. */
export function epochSeconds(config: ResolvedStudyConfig, store: Store | null): EpochSeconds | null {
  const { workers, cost } = config;
  const measured = store === null ? null : measuredEpochs(config, store);
  const given = cost?.epochSeconds;
  const one = measured?.one ?? given ?? alone(measured?.all, config);
  if (one === null || one === undefined) return null;
  const all = measured?.all ?? shared(one, config);
  const how =
    shared(one, config) === one ? 'no faster on one machine' : `1/${workers} of that if they share the work perfectly`;
  const rest = measured?.all === undefined ? `; on ${count(workers, 'worker')}, not measured yet, ${how}` : '';
  const source =
    measured === null
      ? `cost.epochSeconds, ${formatSeconds(one)} on one worker${rest}`
      : `measured in ${measured.studies.join(' and ')}: ${formatSeconds(one)} an epoch on one worker${measured.all === undefined ? rest : `, ${formatSeconds(all)} on ${workers}`}`;
  return { one, all, source };
}

/** Workers that one process plays, or that share one machine's cores, are no faster than one worker. */
function shared(one: number, { launcher, workers }: ResolvedStudyConfig): number {
  return launcher.kind === 'local' ? one : one / workers;
}

function alone(all: number | undefined, { launcher, workers }: ResolvedStudyConfig): number | null {
  if (all === undefined) return null;
  return launcher.kind === 'local' ? all : all * workers;
}

interface Measured {
  /** Where it was measured, newest first. */
  studies: string[];
  one?: number;
  all?: number;
}

/** Medians of the newest study, scaling or comparison with the same training, separately for one worker and for k. */
function measuredEpochs(config: ResolvedStudyConfig, store: Store): Measured | null {
  const task = taskOf(config);
  const found: Measured = { studies: [] };
  const made = [...store.studies(), ...store.scalings(), ...store.comparisons()];
  for (const study of made.sort((a, b) => b.createdMs - a.createdMs)) {
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
    const one = found.one === undefined ? secondsOn(1) : undefined;
    const all = found.all === undefined ? secondsOn(config.workers) : undefined;
    if (one !== undefined) found.one = one;
    if (all !== undefined) found.all = all;
    if (one !== undefined || all !== undefined) found.studies.push(study.name);
    if (found.one !== undefined && found.all !== undefined) break;
  }
  return found.studies.length === 0 ? null : found;
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

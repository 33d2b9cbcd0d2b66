import { projectOf, readableConfig } from '../config/stored.ts';
import { taskOf } from '../config/training-task.ts';
import { AutopilotError } from '../domain/errors.ts';
import type { Session } from '../engine/plans/plan.ts';
import { confirmedSetting, countName, scalingName } from '../scale/counts.ts';
import { type CellRun, comparisonCells, foundRuns } from './cells.ts';

export interface ConfirmedCells {
  runs: CellRun[];
  /** Warnings about missing cells, and about a baseline that the settings may have been confirmed against. */
  doubts: string[];
}

/**
 * Fresh runs of the settings that `autopilot scale` has confirmed for this exact task; none for other worker counts.
 * Throws `compare.confirmed` if no worker count has a confirmed setting, since the policy then has nothing to train.
 */
export function confirmedCells({ store, study, config }: Pick<Session, 'store' | 'study' | 'config'>): ConfirmedCells {
  const { workers, policies } = comparisonCells(config);
  if (!policies.includes('confirmed')) return { runs: [], doubts: [] };
  const task = taskOf(config);
  const missing: number[] = [];
  const runs = workers.flatMap((k) => {
    const stored = store.study(countName(config, k));
    const known = stored === undefined ? null : readableConfig(stored, projectOf(store));
    const setting = known === null || taskOf(known) !== task ? null : confirmedSetting(store, countName(config, k));
    if (setting === null) missing.push(k);
    return setting === null ? [] : foundRuns(config, { policy: 'confirmed', workers: k, setting });
  });
  const lacks = `${scalingName(config)} has confirmed no setting of this task for ${missing.join(', ')} ${missing.join() === '1' ? 'worker' : 'workers'}`;
  const train = `Train it: autopilot scale --workers ${missing.join(',')}`;
  if (runs.length === 0)
    throw new AutopilotError('compare.confirmed', `${lacks}, so "confirmed" has nothing to train. ${train}`);
  const taken = store
    .runsOf(study.id)
    .filter(({ kind, origin }) => kind === 'baseline' && origin === 'imported').length;
  return {
    runs,
    doubts: [
      ...(missing.length === 0 ? [] : [`${lacks}; they have no "confirmed" cell. ${train}`]),
      ...(taken === 0
        ? []
        : [
            `${taken} of the baseline's runs were reused from other studies before "confirmed" was requested, and the settings may have been confirmed against them. Under another name, the comparison would train its own.`,
          ]),
    ],
  };
}

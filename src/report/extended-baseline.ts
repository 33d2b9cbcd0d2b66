import type { Store, StudyRecord } from '../../db/index.ts';
import type { Interval } from '../domain/difference.ts';
import { epochsOf } from '../domain/setting.ts';

/** What is known about one worker trained as long as the confirmed setting, where that trains longer than the study. */
export interface ExtendedBaseline {
  /** E of the confirmed setting, and of these runs. */
  epochs: number;
  /**
   * `notTrained`: the study did not ask for it; `open`: not settled; `noLoss`: k workers are without loss against it
   * too; `notShown`: that was not shown; `broken`: one of its runs has no result.
   */
  state: 'notTrained' | 'open' | 'noLoss' | 'notShown' | 'broken';
  /** The iteration that its runs belong to; null where none was trained. */
  iteration: number | null;
  /** Number of runs judged. */
  runs: number;
  /** Mean of the primary metric on the part of the data that confirms; null before it is judged. */
  mean: number | null;
  /** 95 % confidence interval of the mean; null for a single run. */
  interval: Interval | null;
  /** Its mean minus the baseline's mean after the study's own epochs. */
  gain: number | null;
  /** 95 % confidence interval of the gain; null for a single run, and where an earlier version judged it. */
  gainInterval: Interval | null;
  /** The k workers' mean minus this mean, with its confidence bounds; null under a rule without them. */
  difference: number | null;
  lowerBound: number | null;
  upperBound: number | null;
}

const states = { confirmedExtended: 'noLoss', notConfirmedExtended: 'notShown', cannotTell: 'broken' } as const;

/** Null where no setting is confirmed, or the confirmed one trains no longer than the baseline. */
export function extendedBaselineOf(store: Store, study: StudyRecord): ExtendedBaseline | null {
  const confirmed = store.confirmedIterationOf(study.id);
  const setting = confirmed === null ? undefined : store.iteration(study.id, confirmed)?.setting;
  const epochs = setting === undefined ? study.epochs : epochsOf(setting, study.epochs);
  if (epochs <= study.epochs) return null;
  const unknown = {
    ...{ mean: null, interval: null, gain: null, gainInterval: null },
    ...{ difference: null, lowerBound: null, upperBound: null },
  };
  const last = store.lastIterationOf(study.id);
  if (last === null || store.iteration(study.id, last)?.action !== 'extendBaseline') {
    return { epochs, state: 'notTrained', iteration: null, runs: 0, ...unknown };
  }
  const decision = store.decisionsOfIteration(study.id, last).findLast(({ verdict }) => verdict in states);
  if (decision === undefined) return { epochs, state: 'open', iteration: last, runs: 0, ...unknown };
  const value = (name: string) => (typeof decision.observed[name] === 'number' ? decision.observed[name] : null);
  const range = (name: string): Interval | null => {
    const [low, high] = [value(`${name}Low`), value(`${name}High`)];
    return low === null || high === null ? null : { low, high };
  };
  return {
    epochs,
    state: states[decision.verdict as keyof typeof states],
    iteration: last,
    runs: value('extendedRuns') ?? 0,
    mean: value('extendedMean'),
    interval: range('extended'),
    gain: value('extendedGain'),
    gainInterval: range('extendedGain'),
    difference: value('difference'),
    lowerBound: value('lowerBound'),
    upperBound: value('upperBound'),
  };
}

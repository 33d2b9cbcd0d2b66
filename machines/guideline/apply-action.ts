import type { ExtendTraining, GuidelineAction, OptimizerChange, ShortenTraining } from '../../src/domain/guideline.ts';
import { epochsOf, type Setting } from '../../src/domain/setting.ts';
import { plain } from '../decision/format.ts';

export interface ApplyActionOptions {
  action: GuidelineAction;
  setting: Setting;
  /** E of the study, E₁ of one worker. */
  epochs: number;
  /** Initial rate when the action was first taken. */
  startInitialLr: number;
  /** Entries of `optimizers` used up so far. */
  optimizersTried: number;
  /** k, with which an optimizer's rate may have to scale. */
  workers: number;
  /** Direction in which a rate is tuned; left out: down. */
  direction?: 'down' | 'up' | undefined;
  /** Optimizers the trainer knows; undefined if it has not said. */
  optimizers: string[] | undefined;
}

export type AppliedAction =
  | { state: 'applied'; setting: Setting; optimizersTried: number; notes: string[] }
  | { state: 'exhausted'; reason: string };

/** One step of an action, or why none is left. Never clips: a step that does not fit whole is not taken. */
export function applyAction(options: ApplyActionOptions): AppliedAction {
  const { action, setting } = options;
  const epochs = epochsOf(setting, options.epochs);
  switch (action.action) {
    case 'decreaseInitialLr': {
      const initialLr = round(setting.initialLr * action.factor);
      return initialLr < action.minimum
        ? exhausted(`initial rate ${plain(initialLr)} would be below its minimum ${plain(action.minimum)}`)
        : applied({ ...setting, initialLr });
    }
    case 'increaseDecayCoefficient': {
      const decayCoefficient = round(setting.decayCoefficient * action.factor);
      if (decayCoefficient === setting.decayCoefficient) {
        return exhausted(`decay coefficient ${plain(decayCoefficient)} is not changed by a factor`);
      }
      return decayCoefficient > action.maximum
        ? exhausted(`decay coefficient ${plain(decayCoefficient)} would exceed its maximum ${plain(action.maximum)}`)
        : applied({ ...setting, decayCoefficient });
    }
    case 'increaseWarmup': {
      const warmupEpochs = round(setting.warmupEpochs + action.epochs);
      return (
        tooLong('warmup', warmupEpochs, action.maximum) ??
        tooTight(warmupEpochs, setting.decayEpochs, epochs) ??
        applied({ ...setting, warmupEpochs })
      );
    }
    case 'extendDecay': {
      const decayEpochs = round(setting.decayEpochs + action.epochs);
      return (
        tooLong('decay', decayEpochs, action.maximum) ??
        tooTight(setting.warmupEpochs, decayEpochs, epochs) ??
        applied({ ...setting, decayEpochs })
      );
    }
    case 'tuneInitialLr': {
      const up = options.direction === 'up';
      const initialLr = round(up ? setting.initialLr / action.factor : setting.initialLr * action.factor);
      if (initialLr < action.minimum) {
        return exhausted(`initial rate ${plain(initialLr)} would be below its minimum ${plain(action.minimum)}`);
      }
      return initialLr > action.maximum
        ? exhausted(`initial rate ${plain(initialLr)} would exceed its maximum ${plain(action.maximum)}`)
        : applied({ ...setting, initialLr });
    }
    case 'extendTraining':
    case 'shortenTraining':
      return changeEpochs(action, { setting, epochs, ofStudy: options.epochs });
    case 'changeOptimizer':
      return changeOptimizer(action, options);
  }
}

function changeEpochs(
  action: ExtendTraining | ShortenTraining,
  { setting, epochs, ofStudy }: { setting: Setting; epochs: number; ofStudy: number },
): AppliedAction {
  const { factor, warmup = 'keep', decay = 'scale' } = action;
  const changed = Math.max(1, Math.round(epochs * factor));
  if (changed === epochs) return exhausted(`${plain(epochs)} epochs are not changed by a factor of ${plain(factor)}`);
  const bound = action.action === 'extendTraining' ? action.maximum : action.minimum;
  if (action.action === 'extendTraining' ? changed > ofStudy * bound : changed < ofStudy * bound) {
    const beyond = changed > epochs ? 'exceed' : 'be below';
    return exhausted(`${plain(changed)} epochs would ${beyond} ${plain(bound)} times the study's ${plain(ofStudy)}`);
  }
  // Whole epochs stay whole: 15 of 40 become 23 of 60, not 22.5.
  const scaled = (phase: number) =>
    Number.isInteger(phase) ? Math.round((phase * changed) / epochs) : (phase * changed) / epochs;
  const warmupEpochs = warmup === 'scale' ? scaled(setting.warmupEpochs) : setting.warmupEpochs;
  const decayEpochs = decay === 'scale' ? scaled(setting.decayEpochs) : setting.decayEpochs;
  return (
    tooTight(warmupEpochs, decayEpochs, changed) ?? applied({ ...setting, warmupEpochs, decayEpochs, epochs: changed })
  );
}

function changeOptimizer(
  action: Extract<GuidelineAction, { action: 'changeOptimizer' }>,
  options: ApplyActionOptions,
): AppliedAction {
  const { setting, startInitialLr, optimizersTried, optimizers, workers } = options;
  const notes: string[] = [];
  for (let index = optimizersTried; index < action.optimizers.length; index++) {
    const change = action.optimizers[index]!;
    const { optimizer } = change;
    if (optimizers !== undefined && !optimizers.includes(optimizer)) {
      notes.push(`the trainer cannot do ${optimizer}`);
    } else if (optimizer === setting.optimizer) {
      notes.push(`${optimizer} is in use already`);
    } else {
      const changed = { ...setting, optimizer, initialLr: startOf(change, { startInitialLr, workers }) };
      return applied(action.epochs === 'study' ? ofStudyLength(changed, options.epochs) : changed, index + 1, notes);
    }
  }
  return exhausted(['no optimizer is left to try', ...notes].join('; '));
}

/** The rate an optimizer starts from: the schedule multiplies by k, so a peak of √k times one worker's needs η / √k. */
function startOf(
  { initialLr, initialLrFactor = 1, scaling }: OptimizerChange,
  { startInitialLr, workers }: Pick<ApplyActionOptions, 'startInitialLr' | 'workers'>,
): number {
  const one = initialLr ?? startInitialLr * initialLrFactor;
  const start = scaling === 'squareRoot' ? one / Math.sqrt(workers) : one;
  return initialLr !== undefined && scaling !== 'squareRoot'
    ? initialLr
    : Number(start.toPrecision(scaling === 'squareRoot' ? 2 : 12));
}

/** The setting with the study's epochs and the same share of decay. */
function ofStudyLength(setting: Setting, ofStudy: number): Setting {
  const epochs = epochsOf(setting, ofStudy);
  const share = (setting.decayEpochs * ofStudy) / epochs;
  const decayEpochs = Number.isInteger(setting.decayEpochs) ? Math.round(share) : share;
  return { ...setting, decayEpochs: Math.min(decayEpochs, ofStudy - setting.warmupEpochs), epochs: ofStudy };
}

function tooLong(name: string, value: number, maximum: number): AppliedAction | null {
  return value > maximum
    ? exhausted(`${name} ${plain(value)} epochs would exceed its maximum ${plain(maximum)}`)
    : null;
}

function tooTight(warmup: number, decay: number, epochs: number): AppliedAction | null {
  if (warmup + decay <= epochs) return null;
  return exhausted(`warmup ${plain(warmup)} + decay ${plain(decay)} epochs would exceed the ${plain(epochs)} of a run`);
}

function applied(setting: Setting, optimizersTried = 0, notes: string[] = []): AppliedAction {
  return { state: 'applied', setting, optimizersTried, notes };
}

function exhausted(reason: string): AppliedAction {
  return { state: 'exhausted', reason };
}

/** To 12 significant digits, so that 0.1 · 0.1 is stored as 0.01. */
function round(value: number): number {
  return Number(value.toPrecision(12));
}

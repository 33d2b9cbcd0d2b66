import type { OptimizerName, Setting } from '../../src/domain/setting.ts';
import type { Table, Uniform } from './table.ts';

/** What random search and Optuna may propose: recorded values, rates between those where half of the runs finished. */
export interface SearchSpace {
  /** Lowest and highest initial rate of each optimizer, searched on a logarithmic scale. */
  rates: Partial<Record<OptimizerName, [number, number]>>;
  epochs: number[];
  warmupEpochs: number[];
  decayCoefficients: number[];
  /** Decay's share of the epochs after the baseline's warmup. */
  decayShare: number;
  warmupOfBaseline: number;
}

/** One point of the space, as Optuna names its parameters. */
export interface Proposal {
  optimizer: OptimizerName;
  initialLr: number;
  epochs: number;
  warmupEpochs: number;
  decayCoefficient: number;
}

export function spaceOf({ task, points }: Table): SearchSpace {
  const rates: SearchSpace['rates'] = {};
  for (const { setting, diverged } of points) {
    if (diverged > 0.5) continue;
    const [low, high] = rates[setting.optimizer] ?? [Infinity, 0];
    rates[setting.optimizer] = [Math.min(low, setting.initialLr), Math.max(high, setting.initialLr)];
  }
  return {
    rates,
    epochs: [1, 1.5, 2.25].map((length) => Math.round(length * task.epochs)),
    warmupEpochs: [5, 10, 15],
    decayCoefficients: [3, 4.5, 6.75],
    decayShare: task.baseline.decayEpochs / (task.epochs - task.baseline.warmupEpochs),
    warmupOfBaseline: task.baseline.warmupEpochs,
  };
}

export function settingOf(
  { decayShare, warmupOfBaseline }: SearchSpace,
  { epochs, warmupEpochs, ...rest }: Proposal,
): Setting & { epochs: number } {
  const decayEpochs = Math.min(Math.round(decayShare * (epochs - warmupOfBaseline)), epochs - warmupEpochs);
  return { ...rest, epochs, warmupEpochs, decayEpochs };
}

/** A setting drawn from the whole space. */
export function anySetting(space: SearchSpace, uniform: Uniform): Setting {
  const choose = <T>(values: readonly T[]): T => values[Math.floor(uniform() * values.length)]!;
  const [optimizer, [low, high]] = choose(ratesOf(space));
  return settingOf(space, {
    optimizer,
    initialLr: low * (high / low) ** uniform(),
    epochs: choose(space.epochs),
    warmupEpochs: choose(space.warmupEpochs),
    decayCoefficient: choose(space.decayCoefficients),
  });
}

export function ratesOf({ rates }: SearchSpace): [OptimizerName, [number, number]][] {
  return (['sgd', 'momentum', 'adam', 'lars'] as const).flatMap((optimizer) => {
    const range = rates[optimizer];
    return range === undefined ? [] : [[optimizer, range] as [OptimizerName, [number, number]]];
  });
}

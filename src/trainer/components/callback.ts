import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Parameters } from './kinds.ts';
import { contractBroken, type Loaded } from './loaded.ts';

export interface CallbackRun {
  tf: typeof tf;
  parameters: Parameters;
  model: LayersModel;
  /** Absolute path of the run directory; a callback may write files of its own there. */
  directory: string;
  /** `iteration-3` */
  key: string;
  seed: number;
  workers: number;
  /** Adds a warning to the run's events, which is shown to the user. */
  warn(message: string): void;
}

export interface EpochFacts {
  /** 1-based: the epoch that just ended. */
  epoch: number;
  lr: number;
  loss: number;
  metrics: Record<string, number>;
  /** Steps done. */
  step: number;
}

/** Hooks that accompany training: called on process 0, in this order, and awaited. */
export interface CallbackDefinition {
  onStart?(run: CallbackRun): void | Promise<void>;
  onEpoch?(facts: EpochFacts, run: CallbackRun): void | Promise<void>;
  /** After a checkpoint is on the disk; `path` is absolute. */
  onCheckpoint?(facts: { path: string; step: number }, run: CallbackRun): void | Promise<void>;
  onEnd?(facts: { state: 'finished' | 'diverged' | 'stopped' }, run: CallbackRun): void | Promise<void>;
}

const hooks = ['onStart', 'onEpoch', 'onCheckpoint', 'onEnd'] as const;

export function defineCallback(definition: CallbackDefinition) {
  return { ...definition, component: 'callback' as const };
}

export interface OpenCallbacks {
  start(): Promise<void>;
  epoch(facts: EpochFacts): Promise<void>;
  checkpoint(facts: { path: string; step: number }): Promise<void>;
  end(facts: { state: 'finished' | 'diverged' | 'stopped' }): Promise<void>;
}

/** All callbacks as one, in the config's order. */
export function openCallbacks(
  loaded: readonly Loaded<CallbackDefinition>[],
  run: Omit<CallbackRun, 'parameters'>,
): OpenCallbacks {
  const each = async (call: (definition: CallbackDefinition, run: CallbackRun) => void | Promise<void>) => {
    for (const { definition, parameters } of loaded) {
      await call(definition, { ...run, parameters });
    }
  };
  return {
    start: () => each((callback, its) => callback.onStart?.(its)),
    epoch: (facts) => each((callback, its) => callback.onEpoch?.(facts, its)),
    checkpoint: (facts) => each((callback, its) => callback.onCheckpoint?.(facts, its)),
    end: (facts) => each((callback, its) => callback.onEnd?.(facts, its)),
  };
}

/** Requires at least one hook and no unknown name: a misspelled hook would never be called. */
export function checkCallback({ where, definition }: Loaded<CallbackDefinition>): void {
  const given = Object.entries(definition).filter(([name]) => name !== 'component');
  const unknown = given.find(([name]) => !(hooks as readonly string[]).includes(name))?.[0];
  if (unknown !== undefined) throw contractBroken(where, `"${unknown}" is not a hook; hooks: ${hooks.join(', ')}`);
  if (given.length === 0) throw contractBroken(where, `it has no hook; give one of ${hooks.join(', ')}`);
}

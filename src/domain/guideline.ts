import type { OptimizerName } from './setting.ts';

/** The tuning actions of the thesis's flowchart (Figure 6.3), in the thesis's order, then ours. */
export const actionNames = [
  'decreaseInitialLr',
  'increaseDecayCoefficient',
  'increaseWarmup',
  'extendDecay',
  'changeOptimizer',
  'extendTraining',
] as const;
export type ActionName = (typeof actionNames)[number];

/** What an iteration did: the rows of thesis tables 6.1 to 6.10. */
export type IterationAction = 'applyDefaults' | ActionName | 'validate';

/** One tuning action as data: its step, and the bound beyond which it is exhausted. */
export type GuidelineAction =
  | { action: 'decreaseInitialLr' /** new = old · factor, 0 < factor < 1 */; factor: number; minimum: number }
  | { action: 'increaseDecayCoefficient' /** new = old · factor, factor > 1 */; factor: number; maximum: number }
  | { action: 'increaseWarmup' /** epochs added, taken from stabilization */; epochs: number; maximum: number }
  | { action: 'extendDecay' /** epochs added, taken from stabilization */; epochs: number; maximum: number }
  | ExtendTraining
  | { action: 'changeOptimizer' /** tried in this order, each once */; optimizers: OptimizerChange[] };

/** More epochs, which cost speed: k · E₁ / E of k is left. */
export interface ExtendTraining {
  action: 'extendTraining';
  /** new E = old · factor, rounded; factor > 1. */
  factor: number;
  /** The most epochs, in multiples of the study's; ≥ 1. */
  maximum: number;
  /** Does the phase last as many epochs as before, or as large a share of the training? Left out: kept; scaled. */
  warmup?: PhaseRule | undefined;
  decay?: PhaseRule | undefined;
}
export type PhaseRule = 'keep' | 'scale';

/**
 * An optimizer to change to. Its rate is on another scale than SGD's, so either the new
 * initial rate is named, or a factor on the rate the action started from.
 */
export interface OptimizerChange {
  optimizer: OptimizerName;
  initialLr?: number | undefined;
  initialLrFactor?: number | undefined;
}

/** The flowchart as data; the machine is built from it and its hash is stored with every decision. */
export interface Guideline {
  name: string;
  /** Above this many workers tuning starts at once; up to it the defaults are trained first (thesis: 12). */
  threshold: number;
  /** The setting a NEW action starts from; a repeated action always goes on from the last one. */
  startFrom: 'best' | 'previous';
  actions: GuidelineAction[];
}

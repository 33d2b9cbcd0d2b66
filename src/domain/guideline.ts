import type { OptimizerName } from './setting.ts';

/** The tuning actions of the thesis's flowchart (Figure 6.3), in the thesis's order, then ours. */
export const actionNames = [
  'decreaseInitialLr',
  'increaseDecayCoefficient',
  'increaseWarmup',
  'extendDecay',
  'changeOptimizer',
  'extendTraining',
  'tuneInitialLr',
  'shortenTraining',
] as const;
export type ActionName = (typeof actionNames)[number];

/** What an iteration did: the rows of thesis tables 6.1 to 6.10. */
/** `extendBaseline`: one worker trains as many epochs as a confirmed setting with more epochs than the study's. */
export type IterationAction = 'applyDefaults' | ActionName | 'validate' | 'extendBaseline';

/** One tuning action as data: its step, and the bound beyond which it is exhausted. */
export type GuidelineAction =
  | { action: 'decreaseInitialLr' /** new = old · factor, 0 < factor < 1 */; factor: number; minimum: number }
  | { action: 'increaseDecayCoefficient' /** new = old · factor, factor > 1 */; factor: number; maximum: number }
  | { action: 'increaseWarmup' /** epochs added, taken from stabilization */; epochs: number; maximum: number }
  | { action: 'extendDecay' /** epochs added, taken from stabilization */; epochs: number; maximum: number }
  | ExtendTraining
  | ShortenTraining
  | {
      action: 'tuneInitialLr' /** new = old · factor, then old / factor where that did not help; 0 < factor < 1 */;
      factor: number;
      minimum: number;
      maximum: number;
    }
  | {
      action: 'changeOptimizer' /** tried in this order, each once */;
      optimizers: OptimizerChange[] /** Left out: no search, the given rate stays */;
      rate?: RateSearch | undefined /** E of the new setting; default: `keep` */;
      epochs?: 'keep' | 'study' | undefined;
    };

/** Trains more epochs, which costs speed: k · E₁ / E of the speed-up k is left. */
export interface ExtendTraining {
  action: 'extendTraining';
  /** new E = old · factor, rounded; factor > 1. */
  factor: number;
  /** Largest number of epochs, as a multiple of the study's; ≥ 1. */
  maximum: number;
  /** Whether the phase keeps its epochs or scales with the training. Default: `keep` for warmup, `scale` for decay. */
  warmup?: PhaseRule | undefined;
  decay?: PhaseRule | undefined;
  /**
   * `newOptimizer`: starts from the best setting with the optimizer that the study changed to last, unless that is clearly
   * worse than the best of all. Left out: as the guideline's `startFrom` says.
   */
  from?: 'newOptimizer' | undefined;
}

/** Fewer epochs again, for more speed. */
export interface ShortenTraining {
  action: 'shortenTraining';
  /** new E = old · factor, rounded; 0 < factor < 1. */
  factor: number;
  /** Smallest number of epochs, as a multiple of the study's. */
  minimum: number;
  warmup?: PhaseRule | undefined;
  decay?: PhaseRule | undefined;
}
export type PhaseRule = 'keep' | 'scale';

/**
 * An optimizer to change to. Its rate is on a different scale from SGD's, so either the new initial rate is given, or a
 * factor on the rate that the action started from.
 */
export interface OptimizerChange {
  optimizer: OptimizerName;
  initialLr?: number | undefined;
  initialLrFactor?: number | undefined;
  /**
   * How the rate grows with the workers, given that the schedule's peak is k · η. Default: `linear`, as for SGD,
   * momentum and LARS. `squareRoot`, as for Adam: the rate above is one worker's, and η is that rate / √k, so that the
   * peak is √k times it.
   */
  scaling?: 'linear' | 'squareRoot' | undefined;
}

/**
 * The search for a new optimizer's rate: multiplies it by the factor while that helps, or divides it if the first
 * multiplication did not help.
 */
export interface RateSearch {
  factor: number;
  /** Maximum number of runs in the search, ≥ 1. */
  steps: number;
}

/** How results are compared where a spread is known (docs/guideline.md). */
export interface Comparing {
  /** Minimum probability for a setting to count as better or worse; below it, one cannot tell yet. */
  confidence: number;
  /** Maximum number of runs of a setting that are requested only to compare it. */
  runs: number;
  /** Minimum chance of being confirmed for a setting to be validated. */
  promise: number;
  /**
   * Maximum number of validations of a setting; each adds to the runs of the last, if the chance is still as good.
   * Default: one.
   */
  validations?: number | undefined;
  /**
   * How far further validations may extend the baseline, as a multiple of its number of runs; ≥ 1. Default: not at all.
   */
  baselineGrowth?: number | undefined;
  /** Number of validating runs of a setting requested together and judged when all have ended. Default: one. */
  validatingAtOnce?: number | undefined;
}

/**
 * Whether the baseline is trained for as many epochs as a confirmed setting that trains more than the study's, to see
 * whether it gains too.
 */
export const extendBaselines = ['never', 'check'] as const;
export type ExtendBaseline = (typeof extendBaselines)[number];

/** What a study looks for: any setting without loss, or then also a faster one while the budget lasts. */
export const goals = ['answer', 'speed'] as const;
export type Goal = (typeof goals)[number];

/** The flowchart as data; the machine is built from it and its hash is stored with every decision. */
export interface Guideline {
  name: string;
  /** With more workers than this, tuning starts at once; otherwise the defaults are trained first (thesis: 12). */
  threshold: number;
  /** The setting a NEW action starts from; a repeated action always continues from the last one. */
  startFrom: 'best' | 'previous';
  actions: GuidelineAction[];
  /**
   * Number of passes through the actions, each from the best setting so far; with two or more, then also from the
   * second best while the budget lasts. Only with `comparing`. Default: one.
   */
  rounds?: number | undefined;
  /** Left out, and under a rule without a margin: one run against one run, as in the thesis. */
  comparing?: Comparing | undefined;
  /** Actions to try once a setting is confirmed, if the goal is `speed`. */
  forSpeed?: GuidelineAction[] | undefined;
}

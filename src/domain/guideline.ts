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
/** `extendBaseline`: one worker trains as many epochs as a confirmed setting that trains more than the study's. */
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
      optimizers: OptimizerChange[] /** Left out: the rate stays as it is named */;
      rate?: RateSearch | undefined /** E of the new setting; left out: kept */;
      epochs?: 'keep' | 'study' | undefined;
    };

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

/** Fewer epochs again, for more speed. */
export interface ShortenTraining {
  action: 'shortenTraining';
  /** new E = old · factor, rounded; 0 < factor < 1. */
  factor: number;
  /** The fewest epochs, in multiples of the study's. */
  minimum: number;
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
  /**
   * How the rate grows with the workers, where the schedule's peak is k · η. Left out: `linear`, as for SGD, momentum and LARS.
   * `squareRoot`, as for Adam: the rate above is one worker's, and η is that / √k, so that the peak is √k times it.
   */
  scaling?: 'linear' | 'squareRoot' | undefined;
}

/** The search for a new optimizer's own rate: times the factor while that helps, or divided by it where the first did not. */
export interface RateSearch {
  factor: number;
  /** Most runs of the search, ≥ 1. */
  steps: number;
}

/** How results are compared where a spread is known (docs/guideline.md). */
export interface Comparing {
  /** From this probability on a setting counts as better or as worse; below it one cannot tell yet. */
  confidence: number;
  /** Most runs of a setting that are asked for only to compare it. */
  runs: number;
  /** A setting is validated where the chance to confirm it is at least this. */
  promise: number;
  /** Most validations of a setting, each going on with the runs of the last, where the chance is still as good. Left out: one. */
  validations?: number | undefined;
  /** A further validation may ask for more baseline runs, up to so many times the study's; ≥ 1. Left out: for none. */
  baselineGrowth?: number | undefined;
  /** Validating runs of a setting that are asked for together; judged when all of them are in. Left out: one. */
  validatingAtOnce?: number | undefined;
}

/** Is the baseline trained as many epochs as a confirmed setting that trains more than the study's, to see whether it gains too? */
export const extendBaselines = ['never', 'check'] as const;
export type ExtendBaseline = (typeof extendBaselines)[number];

/** What a study is to find: any setting without loss, or then a faster one as long as the budget lasts. */
export const goals = ['answer', 'speed'] as const;
export type Goal = (typeof goals)[number];

/** The flowchart as data; the machine is built from it and its hash is stored with every decision. */
export interface Guideline {
  name: string;
  /** Above this many workers tuning starts at once; up to it the defaults are trained first (thesis: 12). */
  threshold: number;
  /** The setting a NEW action starts from; a repeated action always goes on from the last one. */
  startFrom: 'best' | 'previous';
  actions: GuidelineAction[];
  /**
   * Where `comparing` is given: how often the actions are gone through, each time from the best setting so far, and with two or more
   * then from the second best while the budget lasts. Left out: once.
   */
  rounds?: number | undefined;
  /** Left out: one run against one run, as the thesis does; so it is under a rule without a margin. */
  comparing?: Comparing | undefined;
  /** What is tried once a setting is confirmed, where the goal is `speed`. */
  forSpeed?: GuidelineAction[] | undefined;
}

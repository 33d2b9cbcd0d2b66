import * as z from 'zod';
import { optimizerNames } from '../../domain/setting.ts';
import { count, line, most, rate } from './bounds.ts';

/** When the number of epochs changes: `keep` the phase's epochs, or `scale` them in proportion. */
const phaseRule = z.enum(['keep', 'scale']);

export const guidelineAction = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('decreaseInitialLr'),
    /** Factor by which each step multiplies the rate. */
    factor: z.number().gt(0).lt(1).default(0.5),
    /** Lowest rate to try. */
    minimum: rate.default(1e-6),
  }),
  z.strictObject({
    action: z.literal('increaseDecayCoefficient'),
    /** Factor by which each step multiplies the coefficient. */
    factor: z.number().gt(1).max(1e6).default(1.5),
    /** Largest coefficient to try. */
    maximum: z.number().positive().max(most.decayCoefficient).default(20),
  }),
  z.strictObject({
    action: z.literal('increaseWarmup'),
    /** Epochs added by each step. */
    epochs: z.number().positive().max(most.epochs).default(5),
    /** Largest number of warmup epochs to try. */
    maximum: z.number().positive().max(most.epochs).default(1000),
  }),
  z.strictObject({
    action: z.literal('extendDecay'),
    /** Epochs added by each step. */
    epochs: z.number().positive().max(most.epochs).default(5),
    /** Largest number of decay epochs to try. */
    maximum: z.number().positive().max(most.epochs).default(1000),
  }),
  z.strictObject({
    action: z.literal('extendTraining'),
    /** Factor by which each step multiplies the epochs. */
    factor: z.number().gt(1).max(100).default(1.5),
    /** Largest number of epochs, as a multiple of the study's. */
    maximum: z.number().min(1).max(100).default(3),
    /** Whether warmup keeps its epochs or scales with the training. */
    warmup: phaseRule.default('keep'),
    /** Whether decay keeps its epochs or scales with the training. */
    decay: phaseRule.default('scale'),
    /** `newOptimizer`: starts from the best setting with the optimizer last changed to, unless that is clearly worse than the best of all. Left out: as `startFrom` says. In `forSpeed`, every action starts from the confirmed setting. */
    from: z.enum(['newOptimizer']).optional(),
  }),
  z.strictObject({
    action: z.literal('shortenTraining'),
    /** Factor by which each step multiplies the epochs. */
    factor: z.number().gt(0).lt(1).default(0.8),
    /** Smallest number of epochs, as a multiple of the study's. */
    minimum: z.number().min(1e-6).max(1000).default(1),
    /** Whether warmup keeps its epochs or scales with the training. */
    warmup: phaseRule.default('keep'),
    /** Whether decay keeps its epochs or scales with the training. */
    decay: phaseRule.default('scale'),
  }),
  z.strictObject({
    action: z.literal('tuneInitialLr'),
    /** Factor by which each step lowers the rate; if the first step does not help, the steps raise it by that factor instead. */
    factor: z.number().gt(0).lt(1).default(0.5),
    /** Lowest rate to try. */
    minimum: rate.default(1e-6),
    /** Highest rate to try. */
    maximum: rate.default(100),
  }),
  z.strictObject({
    action: z.literal('changeOptimizer'),
    /** Search for the new optimizer's own rate. Left out: no search. */
    rate: z
      .strictObject({
        /** Factor by which each step raises or lowers the rate. */
        factor: z.number().gt(1).max(1000).default(3),
        /** Maximum number of steps. */
        steps: count(20).default(4),
      })
      .optional(),
    /** `study`: train for the study's number of epochs again. `keep`: for as many as the setting that the action starts from. */
    epochs: z.enum(['keep', 'study']).optional(),
    /** Optimizers to try, in this order. */
    optimizers: z
      .array(
        z.strictObject({
          /** The optimizer to change to. */
          optimizer: z.enum(optimizerNames),
          /** η for this optimizer. If this and `initialLrFactor` are left out: as before. */
          initialLr: rate.optional(),
          /** η as a multiple of the rate that the action starts from. */
          initialLrFactor: z.number().min(1e-6).max(1e6).optional(),
          /** How the rate grows with the number of workers; use `squareRoot` for Adam-type optimizers. Left out: linear. */
          scaling: z.enum(['linear', 'squareRoot']).optional(),
        }),
      )
      .min(1)
      .max(100),
  }),
]);

/** A guideline of your own, or the name of a shipped one. */
export const guidelineConfig = z.union([
  line,
  z.strictObject({
    /** Name of the guideline. */
    name: line.default('custom'),
    /** Number of workers up to which the defaults are trained first; above it, tuning starts at once. */
    threshold: z.int().min(0).max(most.workers).default(12),
    /** The setting that the next action starts from when one no longer helps: the best so far, or the previous one. */
    startFrom: z.enum(['best', 'previous']).default('best'),
    /** The actions, in the order to try them. */
    actions: z.array(guidelineAction).min(1).max(100),
    /**
     * How many times to go through the actions, each time from the best setting so far; with two or more, then also
     * from the second best while the budget lasts. Needs `comparing`. Left out: once.
     */
    rounds: count(10).optional(),
    /** Comparisons that take the spread between runs into account. Left out: one run is compared with one run. */
    comparing: z
      .strictObject({
        /** Minimum probability for one setting to count as better or worse than another. */
        confidence: z.number().gt(0.5).lt(1).default(0.8),
        /** Maximum number of runs of a setting trained to tell it from another. */
        runs: count(100).default(3),
        /** Minimum chance of being confirmed for a setting to be validated. */
        promise: z.number().gt(0).lt(1).default(0.3),
        /** Maximum number of validations of one setting; each adds to the runs of the previous one. Left out: one. */
        validations: count(100).optional(),
        /** How far further validations may extend the baseline, as a multiple of the study's number of baseline runs. Left out: not at all. */
        baselineGrowth: z.number().min(1).max(100).optional(),
        /** Number of validating runs of a setting that are trained and judged together. Left out: one. */
        validatingAtOnce: count(100).optional(),
      })
      .optional(),
    /** Actions to try once a setting is confirmed, with `goal: speed`. */
    forSpeed: z.array(guidelineAction).max(100).optional(),
  }),
]);

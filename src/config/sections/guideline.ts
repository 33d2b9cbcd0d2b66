import * as z from 'zod';
import { optimizerNames } from '../../domain/setting.ts';
import { count, line, most, rate } from './bounds.ts';

/** When the number of epochs changes: `keep` the phase's epochs, or `scale` them with it. */
const phaseRule = z.enum(['keep', 'scale']);

export const guidelineAction = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('decreaseInitialLr'),
    /** Factor of each step. */
    factor: z.number().gt(0).lt(1).default(0.5),
    /** Lowest rate that is tried. */
    minimum: rate.default(1e-6),
  }),
  z.strictObject({
    action: z.literal('increaseDecayCoefficient'),
    /** Factor of each step. */
    factor: z.number().gt(1).max(1e6).default(1.5),
    /** Largest coefficient that is tried. */
    maximum: z.number().positive().max(most.decayCoefficient).default(20),
  }),
  z.strictObject({
    action: z.literal('increaseWarmup'),
    /** Epochs added by each step. */
    epochs: z.number().positive().max(most.epochs).default(5),
    /** Most epochs that are tried. */
    maximum: z.number().positive().max(most.epochs).default(1000),
  }),
  z.strictObject({
    action: z.literal('extendDecay'),
    /** Epochs added by each step. */
    epochs: z.number().positive().max(most.epochs).default(5),
    /** Most epochs that are tried. */
    maximum: z.number().positive().max(most.epochs).default(1000),
  }),
  z.strictObject({
    action: z.literal('extendTraining'),
    /** Factor by which each step multiplies the epochs. */
    factor: z.number().gt(1).max(100).default(1.5),
    /** Most epochs, as a multiple of the study's. */
    maximum: z.number().min(1).max(100).default(3),
    /** Does warmup keep its epochs, or scale with the training? */
    warmup: phaseRule.default('keep'),
    /** Does decay keep its epochs, or scale with the training? */
    decay: phaseRule.default('scale'),
  }),
  z.strictObject({
    action: z.literal('shortenTraining'),
    /** Factor by which each step multiplies the epochs. */
    factor: z.number().gt(0).lt(1).default(0.8),
    /** Fewest epochs, as a multiple of the study's. */
    minimum: z.number().min(1e-6).max(1000).default(1),
    /** Does warmup keep its epochs, or scale with the training? */
    warmup: phaseRule.default('keep'),
    /** Does decay keep its epochs, or scale with the training? */
    decay: phaseRule.default('scale'),
  }),
  z.strictObject({
    action: z.literal('tuneInitialLr'),
    /** Each step lowers the rate by this factor; if the first step does not help, each raises it by as much. */
    factor: z.number().gt(0).lt(1).default(0.5),
    /** Lowest rate that is tried. */
    minimum: rate.default(1e-6),
    /** Highest rate that is tried. */
    maximum: rate.default(100),
  }),
  z.strictObject({
    action: z.literal('changeOptimizer'),
    /** The search for a rate of the new optimizer's own. Left out: none. */
    rate: z
      .strictObject({
        /** Factor of each step, up or down. */
        factor: z.number().gt(1).max(1000).default(3),
        /** Most steps. */
        steps: count(20).default(4),
      })
      .optional(),
    /** `study`: train for the study's epochs again. `keep`: for as many as the setting that it starts from. */
    epochs: z.enum(['keep', 'study']).optional(),
    /** The optimizers to try, in this order. */
    optimizers: z
      .array(
        z.strictObject({
          /** The optimizer to change to. */
          optimizer: z.enum(optimizerNames),
          /** η for this optimizer. Left out, and without `initialLrFactor`: as before. */
          initialLr: rate.optional(),
          /** η as a multiple of the rate that the action starts from. */
          initialLrFactor: z.number().min(1e-6).max(1e6).optional(),
          /** How the rate grows with the workers: `squareRoot` for Adam-type optimizers. */
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
    /** Up to this number of workers the defaults are trained first; above it, tuning starts at once. */
    threshold: z.int().min(0).max(most.workers).default(12),
    /** The setting from which the next action starts when one no longer helps. */
    startFrom: z.enum(['best', 'previous']).default('best'),
    /** The actions, in the order in which they are tried. */
    actions: z.array(guidelineAction).min(1).max(100),
    /**
     * How often to go through the actions, each time from the best setting so far, and with two or more then from the second best
     * while the budget lasts; needs `comparing`. Left out: once.
     */
    rounds: count(10).optional(),
    /** Comparisons that take the spread between runs into account. Left out: one run is compared with one run. */
    comparing: z
      .strictObject({
        /** Probability from which one setting counts as better or worse than another. */
        confidence: z.number().gt(0.5).lt(1).default(0.8),
        /** Most runs of a setting that may be trained to tell two apart. */
        runs: count(100).default(3),
        /** Chance of being confirmed from which a setting is validated. */
        promise: z.number().gt(0).lt(1).default(0.3),
        /** Most validations of one setting; each builds on the runs of the one before. Left out: one. */
        validations: count(100).optional(),
        /** Most baseline runs that a further validation may bring about, as a multiple of the study's. Left out: the baseline does not grow. */
        baselineGrowth: z.number().min(1).max(100).optional(),
        /** Validating runs of a setting that are trained and judged together. Left out: one. */
        validatingAtOnce: count(100).optional(),
      })
      .optional(),
    /** Actions that are tried once a setting is confirmed, with `goal: speed`. */
    forSpeed: z.array(guidelineAction).max(100).optional(),
  }),
]);

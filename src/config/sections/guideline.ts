import * as z from 'zod';
import { optimizerNames } from '../../domain/setting.ts';
import { count, line, most, rate } from './bounds.ts';

/** Does a phase last as many epochs as before where the training is longer, or as large a share of it? */
const phaseRule = z.enum(['keep', 'scale']);

export const guidelineAction = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('decreaseInitialLr'),
    factor: z.number().gt(0).lt(1).default(0.5),
    minimum: rate.default(1e-6),
  }),
  z.strictObject({
    action: z.literal('increaseDecayCoefficient'),
    factor: z.number().gt(1).max(1e6).default(1.5),
    maximum: z.number().positive().max(most.decayCoefficient).default(20),
  }),
  z.strictObject({
    action: z.literal('increaseWarmup'),
    epochs: z.number().positive().max(most.epochs).default(5),
    maximum: z.number().positive().max(most.epochs).default(1000),
  }),
  z.strictObject({
    action: z.literal('extendDecay'),
    epochs: z.number().positive().max(most.epochs).default(5),
    maximum: z.number().positive().max(most.epochs).default(1000),
  }),
  z.strictObject({
    action: z.literal('extendTraining'),
    /** Epochs become so many times as many. */
    factor: z.number().gt(1).max(100).default(1.5),
    /** At most so many times the study's epochs. */
    maximum: z.number().min(1).max(100).default(3),
    warmup: phaseRule.default('keep'),
    decay: phaseRule.default('scale'),
  }),
  z.strictObject({
    action: z.literal('shortenTraining'),
    factor: z.number().gt(0).lt(1).default(0.8),
    /** At least so many times the study's epochs. */
    minimum: z.number().min(1e-6).max(1000).default(1),
    warmup: phaseRule.default('keep'),
    decay: phaseRule.default('scale'),
  }),
  z.strictObject({
    action: z.literal('tuneInitialLr'),
    /** Lower by this factor first; where that does not help, higher by it. */
    factor: z.number().gt(0).lt(1).default(0.5),
    minimum: rate.default(1e-6),
    maximum: rate.default(100),
  }),
  z.strictObject({
    action: z.literal('changeOptimizer'),
    /** The search for the new optimizer's own rate. Left out: none. */
    rate: z.strictObject({ factor: z.number().gt(1).max(1000).default(3), steps: count(20).default(4) }).optional(),
    /** Back to the study's epochs, or as many as the setting has that it starts from. */
    epochs: z.enum(['keep', 'study']).optional(),
    optimizers: z
      .array(
        z.strictObject({
          optimizer: z.enum(optimizerNames),
          initialLr: rate.optional(),
          initialLrFactor: z.number().min(1e-6).max(1e6).optional(),
          /** How the rate grows with the workers: `squareRoot` for Adam-type optimizers. */
          scaling: z.enum(['linear', 'squareRoot']).optional(),
        }),
      )
      .min(1)
      .max(100),
  }),
]);

/** A guideline of the user's own, or the name of a shipped one. */
export const guidelineConfig = z.union([
  line,
  z.strictObject({
    name: line.default('custom'),
    threshold: z.int().min(0).max(most.workers).default(12),
    startFrom: z.enum(['best', 'previous']).default('best'),
    actions: z.array(guidelineAction).min(1).max(100),
    /** How often the actions are gone through, each time from the best setting so far; needs "comparing". Left out: once. */
    rounds: count(10).optional(),
    /** Comparisons that know the spread; left out: one run against one run. */
    comparing: z
      .strictObject({
        confidence: z.number().gt(0.5).lt(1).default(0.8),
        runs: count(100).default(3),
        promise: z.number().gt(0).lt(1).default(0.3),
        /** Most validations of a setting; each goes on with the runs of the last. Left out: one. */
        validations: count(100).optional(),
        /** Baseline runs that a further validation may ask for, in multiples of the study's. Left out: no more. */
        baselineGrowth: z.number().min(1).max(100).optional(),
        /** Validating runs of a setting that are asked for together, and judged together. Left out: one. */
        validatingAtOnce: count(100).optional(),
      })
      .optional(),
    /** Tried once a setting is confirmed, with "goal: speed". */
    forSpeed: z.array(guidelineAction).max(100).optional(),
  }),
]);

import * as z from 'zod';
import { line, most } from './bounds.ts';

const bound = z.number().nullable();

/** Declares what a metric means if its name does not tell. */
export const metricDeclaration = z.strictObject({
  /** The name under which the trainer reports it. */
  name: line,
  /** Which values are better. */
  direction: z.enum(['higher', 'lower']).optional(),
  /** Smallest and largest possible value; null for no limit. */
  bounds: z.tuple([bound, bound]).optional(),
  /** Unit of a metric that is not a fraction, such as mm. */
  unit: line.optional(),
  /** How a fraction is reported; `number` for a metric that is not a fraction. */
  scale: z.enum(['fraction', 'percent', 'number']).optional(),
  /** The value reached by a predictor that has learned nothing. */
  trivial: z.number().optional(),
});

/** The metrics in order of priority: names, or objects that declare what an unknown metric means. Left out: dice, meanAccuracy, meanIoU; for classification accuracy, macroF1. */
const metrics = z
  .array(z.union([line, metricDeclaration]))
  .min(1)
  .max(100)
  .optional();

/**
 * The part of the data on which settings are chosen. Left out: `validation`, with the test part to confirm, if the
 * trainer evaluates both; otherwise `test`, or the only part there is.
 */
const split = z.enum(['validation', 'test']).optional();

/** When a run counts as good enough, better or worse. Without `rule`: as in the thesis. */
export const decisionConfig = z.discriminatedUnion('rule', [
  z.strictObject({
    rule: z.literal('thesis').optional().default('thesis'),
    metrics,
    split,
    /** What is required of each class. `mean`: nothing, the mean decides. `found`: k workers must find each class that one worker finds. */
    classes: z.enum(['mean', 'found']).default('found'),
    /** A run reaches the baseline if its primary metric is worse by at most this much, in the metric's unit. Left out: 0.002 for a fraction (even if it is reported in percent). */
    tolerance: z.number().min(0).max(1e9).optional(),
  }),
  z.strictObject({
    rule: z.literal('nonInferiority'),
    metrics,
    split,
    /**
     * What is required of each class. `mean`: nothing, the mean decides. `found`: k workers must find each class that
     * one worker finds. `each`: in addition, no loss beyond the margin, corrected for the number of classes.
     */
    classes: z.enum(['mean', 'found', 'each']).default('found'),
    /** The largest loss of the primary metric that does not matter, in the metric's unit. Left out: 0.01 for a fraction (even if it is reported in percent). */
    margin: z.number().positive().max(1e9).optional(),
    /** Maximum probability, over the whole study, of accepting a setting that loses `margin` or more. */
    alpha: z.number().positive().max(0.5).default(0.05),
    /** Maximum number of validating runs in each validation of a candidate setting. */
    maxRuns: z.int().min(2).max(most.baselineSeeds).default(8),
  }),
]);

export type DecisionConfig = z.infer<typeof decisionConfig>;
export type MetricItem = NonNullable<DecisionConfig['metrics']>[number];

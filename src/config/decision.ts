import { z } from 'zod';

/** Names in order of priority. Left out: dice, meanAccuracy, meanIoU; accuracy, macroF1 for classification. */
const metrics = z.array(z.string()).min(1).optional();

/**
 * The part of the data that settings are chosen on. Left out: `validation`, with the test part to confirm, where the
 * evaluations name both; otherwise `test`, or the only part there is.
 */
const split = z.enum(['validation', 'test']).optional();

/** When a run counts as good enough, better or worse (design: decision rule). */
export const decisionConfig = z.discriminatedUnion('rule', [
  z.strictObject({
    rule: z.literal('thesis'),
    metrics,
    split,
    /** What is asked of each class: `mean`: nothing, the mean decides; `found`: found by k workers where one finds it. */
    classes: z.enum(['mean', 'found']).default('found'),
    /** Reached when the primary metric is at least the baseline's minus this (fraction). */
    tolerance: z.number().min(0).max(1).default(0.002),
  }),
  z.strictObject({
    rule: z.literal('nonInferiority'),
    metrics,
    split,
    /**
     * What is asked of each class: `mean`: nothing, the mean decides; `found`: found by k workers where one finds it;
     * `each`: no loss beyond the margin either, corrected for the number of classes.
     */
    classes: z.enum(['mean', 'found', 'each']).default('found'),
    /** The largest loss of the primary metric that does not matter (fraction). */
    margin: z.number().positive().max(1).default(0.01),
    /** Probability of accepting a setting that loses `margin` or more, at most, over a whole study. */
    alpha: z.number().positive().max(0.5).default(0.05),
    /** Most validating runs per candidate setting. */
    maxRuns: z.int().min(2).default(8),
  }),
]);

export type DecisionConfig = z.infer<typeof decisionConfig>;

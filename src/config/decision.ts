import { z } from 'zod';

/** Names in order of priority. Left out: dice, meanAccuracy, meanIoU; accuracy, macroF1 for classification. */
const metrics = z.array(z.string()).min(1).optional();

/** When a run counts as good enough, better or worse (design: decision rule). */
export const decisionConfig = z.discriminatedUnion('rule', [
  z.strictObject({
    rule: z.literal('thesis'),
    metrics,
    /** Reached when the primary metric is at least the baseline's minus this (fraction). */
    tolerance: z.number().min(0).max(1).default(0.002),
  }),
  z.strictObject({
    rule: z.literal('nonInferiority'),
    metrics,
    /** The largest loss of the primary metric that does not matter (fraction). */
    margin: z.number().positive().max(1).default(0.01),
    /** Probability of accepting a setting that loses `margin` or more, at most, over a whole study. */
    alpha: z.number().positive().max(0.5).default(0.05),
    /** Most validating runs per candidate setting. */
    maxRuns: z.int().min(2).default(8),
  }),
]);

export type DecisionConfig = z.infer<typeof decisionConfig>;

import * as z from 'zod';
import { line, most } from './bounds.ts';

const bound = z.number().nullable();

/** What a metric means, where its name does not say it. */
export const metricDeclaration = z.strictObject({
  name: line,
  /** Which values are better. */
  direction: z.enum(['higher', 'lower']).optional(),
  /** Smallest and largest value there can be; null for none. */
  bounds: z.tuple([bound, bound]).optional(),
  /** Of a metric that is no share of 1, such as mm. */
  unit: line.optional(),
  /** How a share of 1 is reported, or `number` for what is none. */
  scale: z.enum(['fraction', 'percent', 'number']).optional(),
  /** What a predictor that learned nothing reaches. */
  trivial: z.number().optional(),
});

/** Names in order of priority, or objects that say what an unknown one means. Left out: dice, meanAccuracy, meanIoU; accuracy, macroF1 for classification. */
const metrics = z
  .array(z.union([line, metricDeclaration]))
  .min(1)
  .max(100)
  .optional();

/**
 * The part of the data that settings are chosen on. Left out: `validation`, with the test part to confirm, where the
 * evaluations name both; otherwise `test`, or the only part there is.
 */
const split = z.enum(['validation', 'test']).optional();

/** When a run counts as good enough, better or worse (design: decision rule). Without `rule`, as the thesis does. */
export const decisionConfig = z.discriminatedUnion('rule', [
  z.strictObject({
    rule: z.literal('thesis').optional().default('thesis'),
    metrics,
    split,
    /** What is asked of each class: `mean`: nothing, the mean decides; `found`: found by k workers where one finds it. */
    classes: z.enum(['mean', 'found']).default('found'),
    /** Reached when the primary metric is at most this much worse than the baseline's, in its unit. Left out: 0.002 for a share of 1 (a fraction, whatever is reported). */
    tolerance: z.number().min(0).max(1e9).optional(),
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
    /** The largest loss of the primary metric that does not matter, in its unit. Left out: 0.01 for a share of 1 (a fraction, whatever is reported). */
    margin: z.number().positive().max(1e9).optional(),
    /** Probability of accepting a setting that loses `margin` or more, at most, over a whole study. */
    alpha: z.number().positive().max(0.5).default(0.05),
    /** Most validating runs per candidate setting. */
    maxRuns: z.int().min(2).max(most.baselineSeeds).default(8),
  }),
]);

export type DecisionConfig = z.infer<typeof decisionConfig>;
export type MetricItem = NonNullable<DecisionConfig['metrics']>[number];

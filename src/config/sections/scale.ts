import * as z from 'zod';
import { count, duration, most } from './bounds.ts';

/** The `scale` section: how many workers train a task without loss, and what each number of workers gains. */
export const scaleConfig = z.strictObject({
  /** The worker counts, taken from the fewest to the most. Left out: 2, 4, 8, … up to the study's `workers`. */
  workers: z.array(z.int().min(2).max(most.workers)).min(1).max(100).optional(),
  /** Most iterations of the guideline for each worker count, validations included. Left out: `budget.iterations`. */
  iterations: count(most.runs).optional(),
  /** What `decision.alpha` applies to: the verdict on each worker count, or all verdicts together (each then gets an equal part of it). */
  errorRate: z.enum(['eachCount', 'allCounts']).default('eachCount'),
  /** The network for which hours are predicted if one process plays all workers. Left out: exchanging gradients is taken to cost nothing. */
  network: z
    .strictObject({
      /** α: seconds that a message takes. */
      latencySeconds: z.number().min(0).max(60),
      /** β: bytes per second between two workers. */
      bytesPerSecond: z.number().min(1).max(1e15),
    })
    .optional(),
  budget: z
    .strictObject({
      /** Most runs to train in all. */
      runs: z.int().min(1).optional(),
      /** Most hours of training, summed over all runs. */
      hours: duration.optional(),
    })
    .prefault({}),
});

export type ScaleConfig = z.infer<typeof scaleConfig>;

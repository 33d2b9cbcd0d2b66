import * as z from 'zod';
import { count, duration, most } from './bounds.ts';

/** The `scale` section: how many workers train a task without loss, and what each number brings. */
export const scaleConfig = z.strictObject({
  /** The worker counts, trained from the fewest to the most. Left out: doubled from 2 on, up to the study's `workers`. */
  workers: z.array(z.int().min(2).max(most.workers)).min(1).max(100).optional(),
  /** Most iterations of the guideline for each worker count, validations included. Left out: `budget.iterations`. */
  iterations: count(most.runs).optional(),
  /** What `decision.alpha` holds for: the verdict of each worker count, or all of them together (each then has an equal part of it). */
  errorRate: z.enum(['eachCount', 'allCounts']).default('eachCount'),
  /** The network for which hours are predicted where one process plays all workers. Left out: exchanging gradients counts nothing. */
  network: z
    .strictObject({
      /** α: seconds a message takes. */
      latencySeconds: z.number().min(0).max(60),
      /** β: bytes a second between two workers. */
      bytesPerSecond: z.number().min(1).max(1e15),
    })
    .optional(),
  budget: z
    .strictObject({
      /** Runs trained in all. */
      runs: z.int().min(1).optional(),
      /** Hours of training, all runs added up. */
      hours: duration.optional(),
    })
    .prefault({}),
});

export type ScaleConfig = z.infer<typeof scaleConfig>;

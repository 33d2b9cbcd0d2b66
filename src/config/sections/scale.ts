import * as z from 'zod';
import { count, duration, most } from './bounds.ts';

/** The `scale` section: how many workers train a task without loss, and what each number of workers gains. */
export const scaleConfig = z.strictObject({
  /** Worker counts, studied in ascending order. Left out: 2, 4, 8, … up to the study's `workers`. */
  workers: z.array(z.int().min(2).max(most.workers)).min(1).max(100).optional(),
  /** Maximum number of guideline iterations for each worker count, validations included. Left out: `budget.iterations`. */
  iterations: count(most.runs).optional(),
  /** What `decision.alpha` applies to: the verdict on each worker count, or all verdicts together (each then gets an equal share of it). */
  errorRate: z.enum(['eachCount', 'allCounts']).default('eachCount'),
  /** The network to assume in predicted hours if one process does the work of several workers. Left out: exchanging gradients is assumed to take no time. */
  network: z
    .strictObject({
      /** α: seconds that a message takes, whatever its size. */
      latencySeconds: z.number().min(0).max(60),
      /** β: bytes per second between two workers. */
      bytesPerSecond: z.number().min(1).max(1e15),
    })
    .optional(),
  budget: z
    .strictObject({
      /** Maximum number of runs in total. */
      runs: z.int().min(1).optional(),
      /** Maximum hours of training, summed over all runs. */
      hours: duration.optional(),
    })
    .prefault({}),
});

export type ScaleConfig = z.infer<typeof scaleConfig>;

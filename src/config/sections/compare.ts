import * as z from 'zod';
import { count, duration, most, rate } from './bounds.ts';

/** The learning-rate policies that a comparison can train (thesis §6.2, figures 6.4 to 6.6). */
export const comparePolicies = [
  'constant',
  'linear',
  'gradualWarmup',
  'squareRoot',
  'lars',
  'greScale',
  'guideline',
  'confirmed',
] as const;
export type ComparePolicy = (typeof comparePolicies)[number];

/** The `compare` section: the same task under several policies, worker counts and seeds. */
export const compareConfig = z.strictObject({
  /** The worker counts, each a point on the axis of the figure. Left out: the study's `workers`, half of them and a quarter of them. */
  workers: z.array(count(most.workers)).min(1).max(100).optional(),
  /** `constant`: kη from the first step to the last. `linear`: kη without warmup, lowered at 30, 60 and 80 % of the epochs. `gradualWarmup`: the same after five epochs of warmup. `squareRoot`: √k·η, constant. `lars`: LARS under `gradualWarmup`. `greScale`: the study's own setting. `guideline`: the setting a study finds for each worker count. `confirmed`: the setting that `autopilot scale` has confirmed for it, trained again; not among the defaults. */
  policies: z
    .array(z.enum(comparePolicies))
    .min(1)
    .max(100)
    .default(comparePolicies.filter((policy) => policy !== 'confirmed')),
  /** Runs of each policy at each worker count, and of the baseline; the same seeds everywhere. */
  seeds: count(most.baselineSeeds).default(3),
  /** η for `lars`, which has a scale of its own. Left out: a tenth of `setting.initialLr`, because its momentum of 0.9 sums ten gradients. */
  larsInitialLr: rate.optional(),
  /** Most iterations of the guideline for each worker count, validations included. */
  iterations: count(most.runs).default(8),
  budget: z
    .strictObject({
      /** Most runs to train in all, including those of the guideline's studies. */
      runs: z.int().min(1).optional(),
      /** Most hours of training, summed over all runs. */
      hours: duration.optional(),
    })
    .prefault({}),
});

export type CompareConfig = z.infer<typeof compareConfig>;

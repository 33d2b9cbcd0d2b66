import * as z from 'zod';
import { count, duration, most, rate } from './bounds.ts';

/** Learning-rate policies that a comparison can train (thesis §6.2, figures 6.4 to 6.6). */
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
  /** Worker counts, each a point on the figure's axis. Left out: the study's `workers`, half of it and a quarter of it. */
  workers: z.array(count(most.workers)).min(1).max(100).optional(),
  /** `constant`: kη from the first step to the last. `linear`: kη without warmup, divided by 10 at 30, 60 and 80 % of the epochs. `gradualWarmup`: the same after the warmup of `setting`. `squareRoot`: √k·η, constant. `lars`: LARS under `gradualWarmup`. `greScale`: the study's own setting. `guideline`: the setting that a study finds for each worker count. `confirmed`: the setting that `autopilot scale` has confirmed for that count, trained again; not among the defaults. */
  policies: z
    .array(z.enum(comparePolicies))
    .min(1)
    .max(100)
    .default(comparePolicies.filter((policy) => policy !== 'confirmed')),
  /** Number of runs of the baseline and of each policy at each worker count; the seeds are the same everywhere. */
  seeds: count(most.baselineSeeds).default(3),
  /** η for `lars`, whose rates are on a different scale. Left out: a tenth of `setting.initialLr`, because its momentum of 0.9 sums ten gradients. */
  larsInitialLr: rate.optional(),
  /** Maximum number of guideline iterations for each worker count, validations included. */
  iterations: count(most.runs).default(8),
  budget: z
    .strictObject({
      /** Maximum number of runs in total, including those of the guideline's studies. */
      runs: z.int().min(1).optional(),
      /** Maximum hours of training, summed over all runs. */
      hours: duration.optional(),
    })
    .prefault({}),
});

export type CompareConfig = z.infer<typeof compareConfig>;

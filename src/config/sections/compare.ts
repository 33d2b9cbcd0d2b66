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
  /** The worker counts, one point on the figure's axis each. Left out: the study's `workers`, its half and its quarter. */
  workers: z.array(count(most.workers)).min(1).max(100).optional(),
  /** `constant`: kη from first step to last. `linear`: kη without warmup, lowered at 30, 60 and 80 % of the epochs. `gradualWarmup`: the same after five epochs of warmup. `squareRoot`: √k·η, constant. `lars`: LARS under `gradualWarmup`. `greScale`: the study's own setting. `guideline`: the setting a study finds for each worker count. `confirmed`: the setting that `autopilot scale` has confirmed for it, trained anew; not among the default. */
  policies: z
    .array(z.enum(comparePolicies))
    .min(1)
    .max(100)
    .default(comparePolicies.filter((policy) => policy !== 'confirmed')),
  /** Runs of every cell and of the baseline. The same seeds are used in every cell. */
  seeds: count(most.baselineSeeds).default(3),
  /** The base rate of `lars`, whose scale is its own. Left out: a tenth of `setting.initialLr`, because its momentum of 0.9 sums ten gradients. */
  larsInitialLr: rate.optional(),
  /** Most iterations of the guideline for each worker count, validations included. */
  iterations: count(most.runs).default(8),
  budget: z
    .strictObject({
      /** Runs trained in all, those of the guideline's studies included. */
      runs: z.int().min(1).optional(),
      /** Hours of training, all runs added up. */
      hours: duration.optional(),
    })
    .prefault({}),
});

export type CompareConfig = z.infer<typeof compareConfig>;

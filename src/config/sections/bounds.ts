import * as z from 'zod';

/**
 * Upper limits of config values: far above what anyone trains, and far below the point where planning takes minutes or
 * a rate becomes infinite.
 */
export const most = {
  workers: 100_000,
  batch: 1_000_000,
  epochs: 100_000,
  /** Runs, seeds, iterations, attempts: each is planned, trained and listed individually. */
  runs: 10_000,
  baselineSeeds: 1000,
  rate: 10_000,
  decayCoefficient: 100,
  /** Hours, minutes and seconds that are only compared with the clock. */
  time: 1e9,
  /** Seconds on a timer, which counts milliseconds in 31 bits. */
  timerSeconds: 1_000_000,
  channels: 65_536,
  pixels: 16_384,
  slices: 10_000_000,
  items: 1000,
} as const;

/** `1 … limit`. */
export const count = (limit: number) => z.int().min(1).max(limit);

/** A learning rate that stays positive and finite when multiplied by the worker count and decayed. */
export const rate = z.number().min(1e-12).max(most.rate);

/** A duration in hours, minutes or seconds. */
export const duration = z.number().positive().max(most.time);

/** A non-empty single line for a name, an argument or a path. */
export const line = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^\P{Cc}*$/u, 'write it on one line, without control characters');

/** Environment variables by name. */
export const environment = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,199}$/, 'name a variable with letters, digits and "_"'),
    z
      .string()
      .max(100_000)
      .regex(/^[^\0]*$/, 'leave out the NUL character'),
  )
  .default({});

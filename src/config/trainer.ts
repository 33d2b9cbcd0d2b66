import { z } from 'zod';

/** Who trains. */
export const trainerConfig = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('embedded') }),
  z.strictObject({
    kind: z.literal('simulated'),
    /** Spread of the primary metric between identical runs (standard deviation, fraction). */
    noise: z.number().min(0).default(0.008),
    /** The primary metric of a well-tuned single worker. */
    ceiling: z.number().min(0).max(1).default(0.85),
    /** Peak rate above which warmup no longer saves a run. */
    stableLr: z.number().positive().default(6),
    /** Milliseconds per epoch, to watch it happen. */
    epochMs: z.number().min(0).default(0),
  }),
]);

export type TrainerConfig = z.infer<typeof trainerConfig>;

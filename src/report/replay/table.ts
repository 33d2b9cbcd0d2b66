import * as z from 'zod';
import { actionNames } from '../../domain/guideline.ts';
import { defaultDecisionMetrics } from '../../domain/metric/metrics.ts';
import { optimizerNames } from '../../domain/setting.ts';

const value = z.number().nullable();
const metrics = z.record(z.string(), value);

/** The setting a recorded study started from; with it and `epochs`, the bounds of the guideline's actions apply too. */
const replaySetting = z.strictObject({
  initialLr: z.number().positive(),
  decayCoefficient: z.number().min(0),
  warmupEpochs: z.number().min(0),
  decayEpochs: z.number().min(0),
  optimizer: z.enum(optimizerNames),
  epochs: z.int().min(1).optional(),
});

/** An assessment table as JSON (thesis tables 6.1 to 6.10). Metrics are fractions; null where the table shows none. */
export const replayTable = z.strictObject({
  title: z.string().optional(),
  /** Remarks by whoever transcribed it. */
  note: z.string().optional(),
  /** k. */
  workers: z.int().min(1),
  /** In order of priority. */
  metrics: z.array(z.string()).min(1).default(defaultDecisionMetrics),
  baseline: metrics,
  /** E and the first setting, where known. */
  epochs: z.int().min(1).optional(),
  setting: replaySetting.optional(),
  iterations: z
    .array(
      z.looseObject({
        action: z.enum(['applyDefaults', ...actionNames, 'validate']),
        metrics: metrics.nullish().transform((row) => row ?? null),
      }),
    )
    .min(1),
});

export type ReplayTable = z.infer<typeof replayTable>;

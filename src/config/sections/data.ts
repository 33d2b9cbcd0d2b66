import * as z from 'zod';
import { count, line, most } from './bounds.ts';
import { augmentConfig, prepConfig } from './prep.ts';

/** Random changes made to the training slices during training, drawn anew each epoch. Left out: none. */
const augmentation = augmentConfig.omit({ copies: true }).optional();

/** Where the training, validation and test slices come from. Paths are relative to the study file. */
export const dataConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    /** The trainer (a command or the simulated one) has its own data. */
    kind: z.literal('none'),
  }),
  z.strictObject({
    kind: z.literal('slices'),
    /** Folder with a `manifest.json` and the binary slice files it names. */
    path: line,
    /** How `autopilot prep` makes that folder from scans; `output` is then `path`. Only `autopilot prep` reads it. */
    prep: prepConfig.partial({ output: true }).optional(),
    augmentation,
  }),
  z.strictObject({
    kind: z.literal('phantom'),
    /** Pixels along one side. */
    size: z.int().min(8).max(most.pixels).default(32),
    /** Number of training slices. */
    trainSlices: count(most.slices).default(240),
    /** Number of slices on which settings are chosen; the test slices then confirm them. Left out: none. */
    validationSlices: count(most.slices).optional(),
    /** Number of test slices. */
    testSlices: count(most.slices).default(120),
    /** Standard deviation of the added noise; the phantom's intensities span about 0..1. */
    noise: z.number().min(0).max(1e6).default(0.12),
    /** Seed of the phantom; the same for all runs. */
    seed: z.int().min(0).default(0),
    augmentation,
  }),
]);

export type DataConfig = z.infer<typeof dataConfig>;

import * as z from 'zod';
import { count, line, most } from './bounds.ts';

const order = z.union([z.literal(0), z.literal(1), z.literal(3)]);
const triple = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);

const normalization = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('zScore'), nonzero: z.boolean().default(false) }),
  z
    .strictObject({
      kind: z.literal('percentile'),
      low: z.number().min(0).max(100).default(0.5),
      high: z.number().min(0).max(100).default(99.5),
    })
    .refine(({ low, high }) => low < high, 'low must be below high'),
  z.strictObject({ kind: z.literal('window'), centre: z.number(), width: z.number().positive() }),
]);

/** Random changes of a slice; the defaults are thesis Table 2.1 without flips and noise. */
export const augmentConfig = z.strictObject({
  /** Changed copies written beside each training slice. 0: none are written. */
  copies: z.int().min(0).max(1000).default(1),
  /** Turned by −r … r degrees. */
  rotationDegrees: z.number().min(0).max(180).default(45),
  zoom: z.tuple([z.number().positive(), z.number().positive()]).default([0.8, 1.2]),
  /** Moved by 0 … t pixels along x, or along y. */
  translationPx: z.number().min(0).max(most.pixels).default(25.6),
  flips: z.array(z.enum(['horizontal', 'vertical'])).default([]),
  /** Standard deviation of the noise added to normalized intensities. */
  noise: z.number().min(0).default(0),
});

/** `prep.yaml`, or the `prep` section of a study's data. Paths are relative to the file. */
export const prepConfig = z.strictObject({
  /** Folder of the data set. */
  input: line,
  /** Folder the slices are written to; in a study it is `data.path`. */
  output: line,
  name: line.optional(),
  licence: line.optional(),
  /** Where the data can be had: a URL or DOI. Left out: the folder `input`. */
  source: line.optional(),
  /** How the images were taken, such as `MRI, T1-weighted, 3 T`. */
  acquisition: line.optional(),
  layout: z.enum(['auto', 'msd', 'nnunet', 'pairs', 'dicom']).default('auto'),
  /** Finds the patient in a case id; left out, every case is a patient. */
  patientPattern: line.optional(),
  /** Channels kept, by name or number: 4-D to 3-D. Left out: all. */
  channels: z
    .array(z.union([z.string(), z.int().min(0)]))
    .min(1)
    .optional(),
  /** Class name → label values, or [first, last] ranges. Left out: the declared labels, or 0 against the one other value. */
  classes: z.record(z.string(), z.array(z.union([z.int(), z.tuple([z.int(), z.int()])])).min(1)).optional(),
  /** Axes are turned so that they grow towards these, which makes scanners comparable; `keep` leaves them. */
  orientation: z
    .string()
    .regex(/^([RLAPSI]{3}|keep)$/, 'three letters such as LPS, or keep')
    .default('LPS'),
  /** Resample each volume to these millimetres (i, j, k) before cutting. Left out: as scanned. */
  spacingMm: triple.optional(),
  /** Interpolation: 0 nearest, 1 linear, 3 cubic spline. Order 1 for masks interpolates each class. */
  order: z
    .strictObject({ image: order.default(1), label: z.union([z.literal(0), z.literal(1)]).default(0) })
    .prefault({}),
  /** Shrinking averages what it leaves out (order 1 only). */
  antialias: z.boolean().default(true),
  crop: z
    .strictObject({ to: z.enum(['none', 'nonzero', 'mask']).default('none'), marginMm: z.number().min(0).default(0) })
    .prefault({}),
  normalize: normalization.default({ kind: 'zScore', nonzero: false }),
  slices: z
    .strictObject({
      plane: z.enum(['axial', 'coronal', 'sagittal']).default('axial'),
      /** Slices cut from each scan, evenly spaced (thesis: 70), or all. */
      count: z.union([count(100_000), z.literal('all')]).default(70),
      /** Millimetres between slices, instead of a count. */
      everyMm: z.number().positive().optional(),
      /** Leave out slices without any foreground. */
      foregroundOnly: z.boolean().default(false),
    })
    .prefault({}),
  /** Pixels of a slice; `contain` keeps the proportions and pads, `stretch` does not. */
  size: z
    .strictObject({
      height: z.int().min(4).max(most.pixels),
      width: z.int().min(4).max(most.pixels),
      fit: z.enum(['stretch', 'contain']).default('contain'),
    })
    .default({ height: 128, width: 128, fit: 'contain' }),
  augment: augmentConfig.optional(),
  split: z
    .strictObject({
      /** Shares of the patients; they need not add up to 1. */
      train: z.number().min(0).default(0.7),
      validation: z.number().min(0).default(0.1),
      test: z.number().min(0).default(0.2),
      /** k-fold: the patients outside the test share in k parts; `fold` is the one validated on. */
      folds: z.int().min(2).max(most.items).optional(),
      fold: z.int().min(0).max(most.items).default(0),
    })
    .prefault({}),
  /** Of everything random: splits and augmentation. */
  seed: z.int().min(0).default(1),
  dtype: z.enum(['float16', 'float32']).default('float16'),
  /** Cases that cannot be prepared: leave them out and end with exit code 1, leave them out, or stop at the first one. */
  failedCases: z.enum(['report', 'skip', 'stop']).default('report'),
  /** Seconds after which a case counts as hung. */
  caseTimeoutS: z.number().positive().max(most.timerSeconds).default(600),
});

export type PrepConfig = z.infer<typeof prepConfig>;

import * as z from 'zod';
import { count, line, most } from './bounds.ts';

const order = z.union([z.literal(0), z.literal(1), z.literal(3)]);
const triple = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);

const normalization = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('zScore'),
    /** Compute mean and standard deviation from the nonzero voxels only. */
    nonzero: z.boolean().default(false),
  }),
  z
    .strictObject({
      kind: z.literal('percentile'),
      /** Percentile of a scan's intensities that becomes 0; values below it are clipped. */
      low: z.number().min(0).max(100).default(0.5),
      /** Percentile of a scan's intensities that becomes 1; values above it are clipped. */
      high: z.number().min(0).max(100).default(99.5),
    })
    .refine(({ low, high }) => low < high, 'low must be below high'),
  z.strictObject({
    kind: z.literal('window'),
    /** Centre of the intensity window that is mapped to 0..1, such as 40 HU; values outside it are clipped. */
    centre: z.number(),
    /** Width of the window, such as 400 HU. */
    width: z.number().positive(),
  }),
]);

/** Random changes to a slice; the defaults are those of thesis Table 2.1 without flips and noise. */
export const augmentConfig = z.strictObject({
  /** Number of augmented copies written for each training slice; 0 for none. */
  copies: z.int().min(0).max(1000).default(1),
  /** r: rotation by −r to r degrees. */
  rotationDegrees: z.number().min(0).max(180).default(45),
  /** Range of the factor by which a slice is enlarged. */
  zoom: z.tuple([z.number().positive(), z.number().positive()]).default([0.8, 1.2]),
  /** t: shift by 0 to t pixels along either x or y. */
  translationPx: z.number().min(0).max(most.pixels).default(25.6),
  /** Directions in which a copy is mirrored, each with probability 1/2. */
  flips: z.array(z.enum(['horizontal', 'vertical'])).default([]),
  /** Standard deviation of the noise added to normalized intensities. */
  noise: z.number().min(0).default(0),
});

/** `prep.yaml`, or the `prep` section of a study's data. Paths are relative to the file. */
export const prepConfig = z.strictObject({
  /** Folder of the data set. */
  input: line,
  /** Folder that the slices are written to; in a study it is `data.path`. */
  output: line,
  /** Name of the data set, for its manifest. */
  name: line.optional(),
  /** Licence of the data. */
  licence: line.optional(),
  /** Where the data come from: a URL or DOI. Left out: the folder `input`. */
  source: line.optional(),
  /** How the images were taken, such as `MRI, T1-weighted, 3 T`. */
  acquisition: line.optional(),
  /** Layout of the folder; `auto` recognizes it. */
  layout: z.enum(['auto', 'msd', 'nnunet', 'pairs', 'dicom']).default('auto'),
  /** Regular expression that finds the patient in a case id. Left out: each case is its own patient. */
  patientPattern: line.optional(),
  /** Channels to keep, by name or number. Left out: all. */
  channels: z
    .array(z.union([z.string(), z.int().min(0)]))
    .min(1)
    .optional(),
  /** Class names with their label values, or [first, last] ranges of label values. Left out: the labels that the data set declares; if it declares none, 0 is the background and the only other value the foreground. */
  classes: z.record(z.string(), z.array(z.union([z.int(), z.tuple([z.int(), z.int()])])).min(1)).optional(),
  /** Directions that the axes are reoriented to, which makes scanners comparable; `keep` leaves the axes as they are. */
  orientation: z
    .string()
    .regex(/^([RLAPSI]{3}|keep)$/, 'three letters such as LPS, or keep')
    .default('LPS'),
  /** Voxel size in millimetres (i, j, k) to which each volume is resampled before it is cut into slices. Left out: as scanned. */
  spacingMm: triple.optional(),
  /** Interpolation: 0 nearest, 1 linear, 3 cubic spline. */
  order: z
    .strictObject({
      /** Order for scans. */
      image: order.default(1),
      /** Order for masks; 1 interpolates each class. */
      label: z.union([z.literal(0), z.literal(1)]).default(0),
    })
    .prefault({}),
  /** When shrinking, average over the voxels that would otherwise be skipped (order 1 only). */
  antialias: z.boolean().default(true),
  crop: z
    .strictObject({
      /** Crop each volume not at all, to its nonzero voxels, or to its mask. */
      to: z.enum(['none', 'nonzero', 'mask']).default('none'),
      /** Margin to keep around the crop, in millimetres. */
      marginMm: z.number().min(0).default(0),
    })
    .prefault({}),
  /** How the intensities of each volume are normalized. */
  normalize: normalization.default({ kind: 'zScore', nonzero: false }),
  /** Which slices are cut from a volume. */
  slices: z
    .strictObject({
      /** Plane of the slices. */
      plane: z.enum(['axial', 'coronal', 'sagittal']).default('axial'),
      /** Number of slices cut from each scan, evenly spaced (thesis: 70), or `all`. */
      count: z.union([count(100_000), z.literal('all')]).default(70),
      /** Millimetres between slices, instead of a count. */
      everyMm: z.number().positive().optional(),
      /** Leave out slices without foreground. */
      foregroundOnly: z.boolean().default(false),
    })
    .prefault({}),
  /** Size of the slices. */
  size: z
    .strictObject({
      /** Height in pixels. */
      height: z.int().min(4).max(most.pixels),
      /** Width in pixels. */
      width: z.int().min(4).max(most.pixels),
      /** `contain` keeps the aspect ratio and pads; `stretch` does neither. */
      fit: z.enum(['stretch', 'contain']).default('contain'),
    })
    .default({ height: 128, width: 128, fit: 'contain' }),
  /** Augmented copies of the training slices. Left out: none. */
  augment: augmentConfig.optional(),
  /** How the patients are divided into training, validation and test parts. */
  split: z
    .strictObject({
      /** Share of the patients to train on; the three shares need not add up to 1. */
      train: z.number().min(0).default(0.7),
      /** Share of the patients to choose settings on. */
      validation: z.number().min(0).default(0.1),
      /** Share of the patients to test on. */
      test: z.number().min(0).default(0.2),
      /** k for k-fold cross-validation: the patients outside the test share are divided into k folds. */
      folds: z.int().min(2).max(most.items).optional(),
      /** The fold to validate on, counted from 0. */
      fold: z.int().min(0).max(most.items).default(0),
    })
    .prefault({}),
  /** Seed of the split and the augmentation. */
  seed: z.int().min(0).default(1),
  /** How intensities are stored. */
  dtype: z.enum(['float16', 'float32']).default('float16'),
  /** What to do with cases that cannot be prepared. `report`: leave them out and end with exit code 1. `skip`: leave them out. `stop`: stop at the first. */
  failedCases: z.enum(['report', 'skip', 'stop']).default('report'),
  /** Seconds after which the preparation of a case counts as hung. */
  caseTimeoutS: z.number().positive().max(most.timerSeconds).default(600),
});

export type PrepConfig = z.infer<typeof prepConfig>;

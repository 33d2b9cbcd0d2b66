import * as z from 'zod';
import { tasks } from '../../domain/task.ts';

const storedFile = z.strictObject({
  dtype: z.enum(['float16', 'float32', 'uint8']),
  /** For any dtype: intensity = stored · scale + offset. */
  scale: z.number().positive().optional(),
  offset: z.number().optional(),
  file: z.string().regex(/^[^/\\]+$/, 'must be a plain file name beside the manifest'),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const storedSplit = z.strictObject({
  count: z.int().min(1),
  /** count × height × width × channels, channels last, little endian. */
  images: storedFile,
  /** count × height × width class numbers, or count class numbers where whole images are classified. */
  labels: storedFile.extend({ dtype: z.literal('uint8') }),
  /** One id per slice: the case it was cut from. */
  cases: z.array(z.string()),
});

/** `manifest.json` of a folder of training slices, format 1. */
export const sliceManifest = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  /** What the labels are for. */
  task: z.enum(tasks).default('segmentation'),
  height: z.int().min(1),
  width: z.int().min(1),
  /** One name per channel. */
  channels: z.array(z.string()).min(1),
  /** Label names in the order of the class numbers; class 0 is the background. */
  classes: z.array(z.string()).min(2).max(256),
  /** The data set's own value of each class; left out where a class stands for several, and by older versions. */
  labelValues: z.array(z.int()).optional(),
  /** Millimetres between rows, and between columns; null when unknown. */
  spacingMm: z.tuple([z.number().positive(), z.number().positive()]).nullable(),
  source: z.string(),
  /** How the images were acquired; left out where unknown. */
  acquisition: z.string().optional(),
  licence: z.string(),
  madeBy: z.string(),
  /** How the slices were made from scans or images, step by step, if by another program than `autopilot prep`. */
  preprocessing: z.array(z.string()).optional(),
  /** Likewise every kind of random change made to the training slices; left out where there is none. */
  augmentation: z.array(z.string()).optional(),
  /** The pipeline that made the slices, if `autopilot prep` ran it. */
  prep: z.record(z.string(), z.unknown()).optional(),
  splits: z.record(z.string(), storedSplit),
});

export type SliceManifest = z.infer<typeof sliceManifest>;
export type StoredFile = z.infer<typeof storedFile>;

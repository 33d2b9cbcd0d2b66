import type * as z from 'zod';
import { AutopilotError } from '../../domain/errors.ts';

/** One scan with its mask. Several images are its channels (modalities), in order. */
export interface ScanCase {
  id: string;
  /** Splits never part one patient's cases. */
  patient: string;
  /** Absolute paths; a DICOM series is a folder. */
  images: string[];
  /** null for a scan without a mask (`imagesTs`). */
  mask: string | null;
  /** The part its folder says it belongs to; null where the folder says nothing. */
  part: 'train' | 'validation' | 'test' | null;
}

/** A name for voxels of several label values; regions may share voxels. */
export interface Region {
  name: string;
  values: number[];
}

/** Every layout is read into this. */
export interface CaseList {
  layout: DatasetLayout;
  name: string;
  /** Channel names; empty when the layout does not name them. */
  channels: string[];
  /** Label values with their names, background first; empty when the layout does not declare them. */
  labels: { value: number; name: string }[];
  /** Why the declared labels alone do not say which class a voxel has; null where they do. */
  undecidedLabels: string | null;
  /** All declared names but the background, where some stand for several values; else empty. */
  regions: Region[];
  /** The value of voxels that nobody labelled, which no metric counts. */
  ignoredLabel: number | null;
  licence: string;
  cases: ScanCase[];
  /** Cases that leave a choice which nobody but the user can make, or lack a part: the reason names the choices. */
  refused: { id: string; reason: string }[];
  /** What the folder promises and does not hold, one sentence each. */
  problems: string[];
  /** Declared numbers of cases that are not those found: errors, until the data set or the config agrees. */
  shortfalls: string[];
}

export const datasetLayouts = ['msd', 'nnunet', 'pairs', 'dicom'] as const;
export type DatasetLayout = (typeof datasetLayouts)[number];

export function datasetError(folder: string, what: string, cause?: unknown): AutopilotError {
  return new AutopilotError('dataset.invalid', `${folder}: ${what}`, { cause });
}

/** A zod result's problems in one line. */
export function zodProblems(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`).join('; ');
}

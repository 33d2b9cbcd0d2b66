import type * as z from 'zod';
import { AutopilotError } from '../../domain/errors.ts';

/** One scan with its mask. Several images are its channels (modalities), in order. */
export interface ScanCase {
  id: string;
  /** A split never separates one patient's cases. */
  patient: string;
  /** Absolute paths; a DICOM series is a folder. */
  images: string[];
  /** null for a scan without a mask (`imagesTs`). */
  mask: string | null;
  /** The part named by its folder; null where the folder names none. */
  part: 'train' | 'validation' | 'test' | null;
}

/** A name for voxels of several label values; regions may share voxels. */
export interface Region {
  name: string;
  values: number[];
}

/** The form into which every layout is read. */
export interface CaseList {
  layout: DatasetLayout;
  name: string;
  /** Channel names; empty when the layout does not name them. */
  channels: string[];
  /** Label values with their names, background first; empty when the layout does not declare them. */
  labels: { value: number; name: string }[];
  /** Why the declared labels alone do not determine a voxel's class; null where they do. */
  undecidedLabels: string | null;
  /** All declared names but the background if any of them stands for several values; else empty. */
  regions: Region[];
  /** The value of unlabelled voxels, which no metric includes. */
  ignoredLabel: number | null;
  licence: string;
  cases: ScanCase[];
  /** Cases that lack a part or leave a choice that only the user can make; the reason names the choices. */
  refused: { id: string; reason: string }[];
  /** Warnings about the folder, such as files left aside, one sentence each. */
  problems: string[];
  /** Declared case counts that differ from those found: errors, unless the config skips failed cases. */
  shortfalls: string[];
}

export const datasetLayouts = ['msd', 'nnunet', 'pairs', 'dicom'] as const;
export type DatasetLayout = (typeof datasetLayouts)[number];

export function datasetError(folder: string, what: string, cause?: unknown): AutopilotError {
  return new AutopilotError('dataset.invalid', `${folder}: ${what}`, { cause });
}

/** The problems of a zod result on one line. */
export function zodProblems(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`).join('; ');
}

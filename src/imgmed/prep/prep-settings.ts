import type { AugmentOptions } from '../augment.ts';
import type { DatasetLayout } from '../datasets/case-list.ts';
import type { SplitOptions } from '../split-patients.ts';
import type { Order } from '../volume/axis-taps.ts';
import type { Normalization } from '../volume/normalize.ts';
import type { Plane } from '../volume/orientation.ts';
import type { Triple } from '../volume/volume.ts';

/** The settings of `prep`, all defaults filled in; `src/config/sections/prep.ts` defines what a user writes. */
export interface PrepSettings {
  input: string;
  output: string;
  name?: string | undefined;
  licence?: string | undefined;
  /** Where to obtain the data; by default, the input folder. */
  source?: string | undefined;
  /** How the images were acquired. */
  acquisition?: string | undefined;
  layout: DatasetLayout | 'auto';
  patientPattern?: string | undefined;
  channels?: (string | number)[] | undefined;
  classes?: Record<string, (number | [number, number])[]> | undefined;
  orientation: string;
  spacingMm?: Triple | undefined;
  order: { image: Order; label: 0 | 1 };
  antialias: boolean;
  crop: { to: 'none' | 'nonzero' | 'mask'; marginMm: number };
  normalize: Normalization;
  slices: { plane: Plane; count: number | 'all'; everyMm?: number | undefined; foregroundOnly: boolean };
  size: { height: number; width: number; fit: 'stretch' | 'contain' };
  augment?: (AugmentOptions & { copies: number }) | undefined;
  split: Omit<SplitOptions, 'seed'>;
  seed: number;
  dtype: 'float16' | 'float32';
  failedCases: 'report' | 'skip' | 'stop';
  caseTimeoutS: number;
}

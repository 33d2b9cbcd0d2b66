import type { Task } from '../../domain/task.ts';

/** Slices with their labels, pixels row by row, channels last. */
export interface Split {
  count: number;
  /** count · height · width · channels intensities, normalized. */
  images: Float32Array;
  /** count · height · width class numbers; count class numbers where whole images are classified. */
  labels: Uint8Array;
  /** Where each slice comes from. */
  cases: string[];
}

/** What a network is trained and tested on. */
export interface Dataset {
  name: string;
  /** What the labels are for. Left out: segmentation. */
  task?: Task;
  height: number;
  width: number;
  channels: number;
  /** Label names; class 0 is the background of a segmentation. */
  classes: string[];
  /** `train` and `test`, and any others that the data set has. */
  splits: Record<string, Split> & { train: Split; test: Split };
}

export type DatasetShape = Pick<Dataset, 'task' | 'height' | 'width' | 'channels' | 'classes'>;

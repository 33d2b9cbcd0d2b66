/** Slices with their labels, pixels row by row, channels last. */
export interface Split {
  count: number;
  /** count · height · width · channels intensities, normalized. */
  images: Float32Array;
  /** count · height · width class numbers. */
  labels: Uint8Array;
  /** Where each slice comes from. */
  cases: string[];
}

/** What a network is trained and tested on. */
export interface Dataset {
  name: string;
  height: number;
  width: number;
  channels: number;
  /** Label names; class 0 is the background. */
  classes: string[];
  /** `train` and `test`, and others that a data set may have. */
  splits: Record<string, Split> & { train: Split; test: Split };
}

export type DatasetShape = Pick<Dataset, 'height' | 'width' | 'channels' | 'classes'>;

/** Metrics that SegEval computes per class and case, in the order of its tables. */
export const caseMetricNames = [
  'dice',
  'iou',
  'sensitivity',
  'specificity',
  'precision',
  'accuracy',
  'volumeSimilarity',
  'surfaceDice',
  'hausdorffMm',
  'hausdorff95Mm',
  'averageSurfaceDistanceMm',
  'averageSymmetricSurfaceDistanceMm',
  'averageVolumeDistanceMm',
  'lesionsDetected',
  'lesionsMissed',
  'lesionsFalse',
] as const;
export type CaseMetricName = (typeof caseMetricNames)[number];

/** NaN: undefined for this case under the policy; means leave such cases out and say how many. */
export type CaseMetrics = Record<CaseMetricName, number>;

export const distanceNames: readonly CaseMetricName[] = caseMetricNames.filter((name) => name.endsWith('Mm'));

/** Numbers of lesions. */
export const countNames: readonly CaseMetricName[] = caseMetricNames.filter((name) => name.startsWith('lesions'));

/** True and false positives and negatives, in voxels. */
export interface Counts {
  tp: number;
  fp: number;
  fn: number;
  tn: number;
}

/** The grid of a case's masks. */
export interface CaseGrid {
  /** Voxels along each of two or three axes, the first one fastest. */
  size: readonly number[];
  spacingMm: readonly number[];
}

/** What SegEval computes per class and case, in the order of its tables. */
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

/** NaN: not defined for this case under the policy; means leave it out and say how many they left out. */
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
  /** Voxels along the axes, first one fastest: two or three of them. */
  size: readonly number[];
  spacingMm: readonly number[];
}

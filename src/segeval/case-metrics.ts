import {
  type CaseGrid,
  type CaseMetricName,
  type CaseMetrics,
  type Counts,
  caseMetricNames,
} from './case-metric-names.ts';
import { type EmptyMaskPolicy, valueForEmptyMasks } from './empty-masks.ts';
import { countLesions } from './lesions.ts';
import { type SurfaceDistances, surfaceDistances } from './surface.ts';

export interface CaseMetricsOptions extends CaseGrid {
  emptyMasks: EmptyMaskPolicy;
  /** Surface points this close to the other surface count as correct in `surfaceDice`. */
  surfaceToleranceMm: number;
  /** Number of voxels outside both masks that do not count because they are unlabelled; default: none. */
  ignoredVoxels?: number;
}

/** In millimetres, for evaluations that name none. */
export const defaultSurfaceToleranceMm = 1;

/** All metrics of one class: `predicted` and `truth` are non-zero inside. */
export function caseMetrics(predicted: Uint8Array, truth: Uint8Array, options: CaseMetricsOptions): CaseMetrics {
  const { size, emptyMasks, ignoredVoxels = 0 } = options;
  const counted = countsOf(predicted, truth);
  const counts = { ...counted, tn: counted.tn - ignoredVoxels };
  const { tp, fp, fn, tn } = counts;
  const empty = tp + fp === 0 || tp + fn === 0;
  const forEmpty = (name: CaseMetricName) => valueForEmptyMasks(name, counts, options, emptyMasks);
  const overlap = {
    dice: ratio(2 * tp, 2 * tp + fp + fn),
    iou: ratio(tp, tp + fp + fn),
    sensitivity: ratio(tp, tp + fn),
    specificity: ratio(tn, tn + fp),
    precision: ratio(tp, tp + fp),
    accuracy: ratio(tp + tn, tp + tn + fp + fn),
    volumeSimilarity: 1 - ratio(Math.abs(fn - fp), 2 * tp + fp + fn),
  };
  const distances = empty ? distancesBy(forEmpty) : croppedDistances(predicted, truth, options);
  const metrics: CaseMetrics = { ...overlap, ...distances, ...countLesions(predicted, truth, size) };
  for (const name of caseMetricNames) {
    if (Number.isNaN(metrics[name])) metrics[name] = forEmpty(name);
  }
  return metrics;
}

/** 0/0 gives NaN rather than 0 or 1: the policy decides. */
function ratio(numerator: number, denominator: number): number {
  return denominator === 0 ? Number.NaN : numerator / denominator;
}

export function countsOf(predicted: Uint8Array, truth: Uint8Array): Counts {
  const counts = [0, 0, 0, 0];
  for (let index = 0; index < truth.length; index++) {
    const which = (predicted[index] === 0 ? 0 : 1) + (truth[index] === 0 ? 0 : 2);
    counts[which]! += 1;
  }
  return { tn: counts[0]!, fp: counts[1]!, fn: counts[2]!, tp: counts[3]! };
}

function distancesBy(value: (name: CaseMetricName) => number): SurfaceDistances {
  return {
    hausdorffMm: value('hausdorffMm'),
    hausdorff95Mm: value('hausdorff95Mm'),
    averageSurfaceDistanceMm: value('averageSurfaceDistanceMm'),
    averageSymmetricSurfaceDistanceMm: value('averageSymmetricSurfaceDistanceMm'),
    averageVolumeDistanceMm: value('averageVolumeDistanceMm'),
    surfaceDice: value('surfaceDice'),
  };
}

/** Crops to the box around both masks, beyond which nothing counts; a background layer keeps the surfaces unchanged. */
function croppedDistances(
  predicted: Uint8Array,
  truth: Uint8Array,
  { size, spacingMm, surfaceToleranceMm }: CaseMetricsOptions,
): SurfaceDistances {
  const from = [...size];
  const to = size.map(() => 0);
  for (let index = 0; index < truth.length; index++) {
    if (predicted[index] === 0 && truth[index] === 0) continue;
    let rest = index;
    for (let axis = 0; axis < size.length; axis++) {
      const position = rest % size[axis]!;
      rest = (rest - position) / size[axis]!;
      if (position < from[axis]!) from[axis] = position;
      if (position >= to[axis]!) to[axis] = position + 1;
    }
  }
  const start = from.map((value) => Math.max(0, value - 1));
  const length = to.map((value, axis) => Math.min(size[axis]!, value + 1) - start[axis]!);
  const cutOut = (mask: Uint8Array) => cut(mask, size, start, length);
  return surfaceDistances(cutOut(predicted), cutOut(truth), length, spacingMm, surfaceToleranceMm);
}

function cut(mask: Uint8Array, size: readonly number[], start: readonly number[], length: readonly number[]) {
  const [width, height, depth] = [length[0] ?? 1, length[1] ?? 1, length[2] ?? 1];
  if (width * height * depth === mask.length) return mask;
  const result = new Uint8Array(width * height * depth);
  for (let k = 0; k < depth; k++) {
    for (let j = 0; j < height; j++) {
      const row = (((start[2] ?? 0) + k) * (size[1] ?? 1) + (start[1] ?? 0) + j) * size[0]! + start[0]!;
      result.set(mask.subarray(row, row + width), (k * height + j) * width);
    }
  }
  return result;
}

import { eachDistanceSlice } from './distance-transform.ts';
import { quantile } from './interval.ts';

/** How two surfaces compare, distances in millimetres; see `docs/evaluation.md` for the formulas. */
export interface SurfaceDistances {
  /** The largest distance from one surface to the other, the larger of both directions. */
  hausdorffMm: number;
  /** The 95th percentile instead of the largest, the larger of both directions. */
  hausdorff95Mm: number;
  /** Mean distance from the predicted surface to the true one. */
  averageSurfaceDistanceMm: number;
  /** Mean over the points of both surfaces. */
  averageSymmetricSurfaceDistanceMm: number;
  /** Thesis table 5.1: the larger of both directed averages, over ALL voxels of the masks. */
  averageVolumeDistanceMm: number;
  /** Normalized surface Dice: the share of both surfaces' points that lie within the tolerance of the other surface. */
  surfaceDice: number;
}

/** Distances are rounded sums and roots: with this slack, one of exactly the tolerance is within it. */
const roundingMm = 1e-9;

/**
 * Surface distances of two binary masks on one grid (first axis fastest), of two or three axes; neither may be
 * empty. A surface voxel is one with a neighbour (4 in 2-D, 6 in 3-D) outside the mask or outside the grid.
 */
export function surfaceDistances(
  predicted: Uint8Array,
  truth: Uint8Array,
  size: readonly number[],
  spacingMm: readonly number[],
  toleranceMm: number,
): SurfaceDistances {
  const surfaceOfPredicted = surfaceOf(predicted, size);
  const surfaceOfTruth = surfaceOf(truth, size);
  const toTruth = distancesWhere(surfaceOfPredicted, surfaceOfTruth, size, spacingMm).sort();
  const toPredicted = distancesWhere(surfaceOfTruth, surfaceOfPredicted, size, spacingMm).sort();
  const points = toTruth.length + toPredicted.length;
  const near = (distances: Float64Array) => distances.filter((distance) => distance <= toleranceMm + roundingMm).length;
  return {
    surfaceDice: (near(toTruth) + near(toPredicted)) / points,
    hausdorffMm: Math.max(toTruth.at(-1)!, toPredicted.at(-1)!),
    hausdorff95Mm: Math.max(quantile(toTruth, 0.95), quantile(toPredicted, 0.95)),
    averageSurfaceDistanceMm: sum(toTruth) / toTruth.length,
    averageSymmetricSurfaceDistanceMm: (sum(toTruth) + sum(toPredicted)) / points,
    averageVolumeDistanceMm: Math.max(
      meanDistanceWhere(predicted, truth, size, spacingMm),
      meanDistanceWhere(truth, predicted, size, spacingMm),
    ),
  };
}

/** 1 at surface voxels, 0 elsewhere. Axes of length 1 do not count: a slice in a volume is two-dimensional. */
export function surfaceOf(mask: Uint8Array, size: readonly number[]): Uint8Array {
  const surface = new Uint8Array(mask.length);
  let stride = 1;
  for (const length of size) {
    if (length > 1) {
      for (let index = 0; index < mask.length; index++) {
        if (mask[index] === 0) continue;
        const position = Math.floor(index / stride) % length;
        const border = position === 0 || position === length - 1;
        if (border || mask[index - stride] === 0 || mask[index + stride] === 0) surface[index] = 1;
      }
    }
    stride *= length;
  }
  return mask.length === 1 ? mask.slice() : surface;
}

/** Distances from all voxels of a mask to the target. */
function distancesWhere(
  mask: Uint8Array,
  target: Uint8Array,
  size: readonly number[],
  spacingMm: readonly number[],
): Float64Array {
  const distances = new Float64Array(mask.reduce((count, value) => count + (value === 0 ? 0 : 1), 0));
  let next = 0;
  eachDistanceSlice(target, size, spacingMm, (slice, first) => {
    for (let index = 0; index < slice.length; index++) if (mask[first + index] !== 0) distances[next++] = slice[index]!;
  });
  return distances;
}

function meanDistanceWhere(
  mask: Uint8Array,
  target: Uint8Array,
  size: readonly number[],
  spacingMm: readonly number[],
): number {
  let [total, count] = [0, 0];
  eachDistanceSlice(target, size, spacingMm, (slice, first) => {
    for (let index = 0; index < slice.length; index++) {
      if (mask[first + index] === 0) continue;
      total += slice[index]!;
      count += 1;
    }
  });
  return total / count;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let index = 0; index < values.length; index++) total += values[index]!;
  return total;
}

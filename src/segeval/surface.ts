import { distanceTransform } from './distance-transform.ts';
import { quantile } from './interval.ts';

/** What two surfaces say of each other, distances in millimetres; see `docs/evaluation.md` for the formulas. */
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

/** Distances are sums and roots of floating-point numbers: one of exactly the tolerance is within it. */
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
  const toTruth = valuesWhere(surfaceOfPredicted, distanceTransform(surfaceOfTruth, size, spacingMm)).sort();
  const toPredicted = valuesWhere(surfaceOfTruth, distanceTransform(surfaceOfPredicted, size, spacingMm)).sort();
  const masksToTruth = valuesWhere(predicted, distanceTransform(truth, size, spacingMm));
  const masksToPredicted = valuesWhere(truth, distanceTransform(predicted, size, spacingMm));
  const points = toTruth.length + toPredicted.length;
  const near = (distances: Float64Array) => distances.filter((distance) => distance <= toleranceMm + roundingMm).length;
  return {
    surfaceDice: (near(toTruth) + near(toPredicted)) / points,
    hausdorffMm: Math.max(toTruth.at(-1)!, toPredicted.at(-1)!),
    hausdorff95Mm: Math.max(quantile(toTruth, 0.95), quantile(toPredicted, 0.95)),
    averageSurfaceDistanceMm: sum(toTruth) / toTruth.length,
    averageSymmetricSurfaceDistanceMm: (sum(toTruth) + sum(toPredicted)) / points,
    averageVolumeDistanceMm: Math.max(
      sum(masksToTruth) / masksToTruth.length,
      sum(masksToPredicted) / masksToPredicted.length,
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

function valuesWhere(mask: Uint8Array, values: Float64Array): Float64Array {
  return values.filter((_, index) => mask[index] !== 0);
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let index = 0; index < values.length; index++) total += values[index]!;
  return total;
}

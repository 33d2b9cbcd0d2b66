import type { Geometry } from './volume.ts';

/** Voxel index to millimetres, right-anterior-superior, as nibabel's `affine`: 4 rows of 4. */
export function affineOf({ spacingMm, originMm, direction }: Geometry): number[][] {
  const rows = [0, 1, 2].map((row) => {
    const sign = row < 2 ? -1 : 1;
    const axes = [0, 1, 2].map((axis) => sign * direction[row * 3 + axis]! * spacingMm[axis]! + 0);
    return [...axes, sign * originMm[row]! + 0];
  });
  return [...rows, [0, 0, 0, 1]];
}

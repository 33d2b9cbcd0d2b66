import { emptyLike } from './crop.ts';
import { orientationOf, reorient } from './orientation.ts';
import { type Geometry, geometryDifference, type Triple, type Volume } from './volume.ts';

/**
 * Extends a mask that covers part of a grid, voxel on voxel, to the whole grid: DICOM segmentations mostly omit slices
 * without segments, and may order them from the other end. Null when its voxels are not the grid's.
 */
export function placedOnGrid(part: Volume, grid: Geometry, toleranceMm = 1e-2): Volume | null {
  const turned = reorient(part, orientationOf(grid));
  const thin = turned.size.map((length) => length === 1);
  // A single slice has no neighbour, so its stated distance is ignored.
  const spacingMm = turned.spacingMm.map((length, axis) => (thin[axis] ? grid.spacingMm[axis]! : length)) as Triple;
  const from = indexOf(turned.originMm, grid);
  const start = from.map(Math.round) as Triple;
  const inside = start.every((index, axis) => index >= 0 && index + turned.size[axis]! <= grid.size[axis]!);
  const there = { ...grid, originMm: positionOf(start, grid), size: turned.size };
  if (!inside || geometryDifference({ ...turned, spacingMm }, there, toleranceMm) !== null) return null;
  const [width, height, depth] = grid.size;
  const data = emptyLike(turned.data, width * height * depth * turned.channels);
  let source = 0;
  for (let plane = 0; plane < turned.channels * turned.size[2]; plane++) {
    const k = Math.floor(plane / turned.size[2]) * depth + start[2] + (plane % turned.size[2]);
    for (let j = 0; j < turned.size[1]; j++) {
      const target = (k * height + start[1] + j) * width + start[0];
      data.set(turned.data.subarray(source, source + turned.size[0]), target);
      source += turned.size[0];
    }
  }
  const { size, originMm, direction } = grid;
  return { size, spacingMm: grid.spacingMm, originMm, direction, channels: turned.channels, data };
}

/** Millimetres → fractional index. The axes may be slightly sheared, so the direction is inverted by its cofactors. */
export function indexOf(position: Triple, { originMm, direction: d, spacingMm }: Geometry): Triple {
  const away = position.map((value, row) => value - originMm[row]!);
  const cofactor = (row: number, axis: number) => {
    const [r1, r2, a1, a2] = [(row + 1) % 3, (row + 2) % 3, (axis + 1) % 3, (axis + 2) % 3];
    return d[r1 * 3 + a1]! * d[r2 * 3 + a2]! - d[r1 * 3 + a2]! * d[r2 * 3 + a1]!;
  };
  const determinant = [0, 1, 2].reduce((sum, row) => sum + d[row * 3]! * cofactor(row, 0), 0);
  const along = (axis: number) => away.reduce((sum, value, row) => sum + cofactor(row, axis) * value, 0) / determinant;
  return [0, 1, 2].map((axis) => along(axis) / spacingMm[axis]!) as Triple;
}

export function positionOf(index: Triple, { originMm, direction, spacingMm }: Geometry): Triple {
  const component = (row: number) =>
    index.reduce<number>((sum, i, axis) => sum + direction[row * 3 + axis]! * i * spacingMm[axis]!, originMm[row]!);
  return [0, 1, 2].map(component) as Triple;
}

import { emptyLike } from './crop.ts';
import { orientationOf, reorient } from './orientation.ts';
import { type Geometry, geometryDifference, type Triple, type Volume } from './volume.ts';

/**
 * A mask that covers a part of a grid, voxel on voxel, as a mask of the whole grid: DICOM segmentations mostly leave out
 * slices without any segment, and may count them from the other end. Null when its voxels lie elsewhere.
 */
export function placedOnGrid(part: Volume, grid: Geometry, toleranceMm = 1e-2): Volume | null {
  const turned = reorient(part, orientationOf(grid));
  const thin = turned.size.map((length) => length === 1);
  // One slice has no distance to a next one, so what a file says about it is left aside.
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

/** Millimetres → index, whole or not; the direction's columns are orthonormal. */
function indexOf(position: Triple, { originMm, direction, spacingMm }: Geometry): Triple {
  const along = (axis: number) =>
    [0, 1, 2].reduce((sum, row) => sum + direction[row * 3 + axis]! * (position[row]! - originMm[row]!), 0);
  return [0, 1, 2].map((axis) => along(axis) / spacingMm[axis]!) as Triple;
}

function positionOf(index: Triple, { originMm, direction, spacingMm }: Geometry): Triple {
  const component = (row: number) =>
    index.reduce<number>((sum, i, axis) => sum + direction[row * 3 + axis]! * i * spacingMm[axis]!, originMm[row]!);
  return [0, 1, 2].map(component) as Triple;
}

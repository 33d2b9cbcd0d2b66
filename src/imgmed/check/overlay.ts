import { dirname } from 'node:path';
import sharp from 'sharp';
import { labelColour } from '../../domain/palette.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';
import { percentiles } from '../volume/normalize.ts';
import { orientationOf } from '../volume/orientation.ts';
import type { Volume } from '../volume/volume.ts';

const pixelsHigh = 320;

export interface OverlayOptions {
  scan: Volume;
  /** If its grid is not the scan's, it is drawn by index, which shows the mismatch. */
  mask: Volume | null;
  /** Selects the values to mark in red, such as NaN. */
  marked?: (value: number) => boolean;
}

/**
 * Writes the slice with the most mask voxels (or the middle one) as PNG, with the mask over the grey scan. Slices are
 * perpendicular to the scan's shortest extent, where they show most: a sagittal slab of a head is seen from the side.
 */
export async function writeOverlay(path: string, { scan, mask, marked = () => false }: OverlayOptions): Promise<void> {
  const plane = planeOf(scan);
  const { across, columns, rows } = plane;
  const [width, height, depth] = [scan.size[columns], scan.size[rows], scan.size[across]];
  const position = mask === null ? depth >> 1 : Math.min(depth - 1, fullestSlice(mask, plane));
  const pixels = new Uint8Array(width * height * 3);
  const slice = Float64Array.from({ length: width * height }, (_, index) =>
    valueAt(scan, plane, index % width, Math.floor(index / width), position),
  );
  const finite = Float32Array.from(slice.filter((value) => Number.isFinite(value)));
  const [low, high] = finite.length > 0 ? percentiles(finite, [1, 99]) : [0, 1];
  const upwards = ['A', 'S'].includes(orientationOf(scan)[rows]!);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = slice[row * width + column]!;
      // Front or head at the top.
      const at = ((upwards ? height - 1 - row : row) * width + column) * 3;
      const grey = Math.min(255, Math.max(0, (255 * (value - low!)) / Math.max(1e-12, high! - low!)));
      const label = mask === null ? 0 : valueAt(mask, plane, column, row, position);
      const colour = marked(value) ? [255, 0, 0] : label === 0 ? null : labelColour(label);
      for (let band = 0; band < 3; band++) {
        pixels[at + band] = colour === null ? grey : marked(value) ? colour[band]! : 0.5 * grey + 0.5 * colour[band]!;
      }
    }
  }
  const aspect = (width * scan.spacingMm[columns]) / (height * scan.spacingMm[rows]);
  makeFolder(dirname(path));
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize({ height: pixelsHigh, width: Math.max(1, Math.round(pixelsHigh * aspect)), fit: 'fill', kernel: 'nearest' })
    .png({ palette: true })
    .toFile(path);
}

/** Index axes: the one perpendicular to the slice, and those of its columns and rows. */
interface Plane {
  across: 0 | 1 | 2;
  columns: 0 | 1 | 2;
  rows: 0 | 1 | 2;
}

function planeOf({ size, spacingMm }: Volume): Plane {
  const extent = (axis: 0 | 1 | 2) => size[axis] * spacingMm[axis];
  if (extent(0) < Math.min(extent(1), extent(2))) return { across: 0, columns: 1, rows: 2 };
  return extent(1) < extent(2) ? { across: 1, columns: 0, rows: 2 } : { across: 2, columns: 0, rows: 1 };
}

/** The first channel's value; 0 outside the volume. */
function valueAt({ data, size }: Volume, plane: Plane, column: number, row: number, position: number): number {
  if (column >= size[plane.columns] || row >= size[plane.rows] || position >= size[plane.across]) return 0;
  const strides = [1, size[0], size[0] * size[1]] as const;
  return data[column * strides[plane.columns] + row * strides[plane.rows] + position * strides[plane.across]]!;
}

function fullestSlice(mask: Volume, plane: Plane): number {
  const { size } = mask;
  let best = { position: size[plane.across] >> 1, count: 0 };
  for (let position = 0; position < size[plane.across]; position++) {
    let count = 0;
    for (let row = 0; row < size[plane.rows]; row++) {
      for (let column = 0; column < size[plane.columns]; column++) {
        if (valueAt(mask, plane, column, row, position) !== 0) count += 1;
      }
    }
    if (count > best.count) best = { position, count };
  }
  return best.position;
}

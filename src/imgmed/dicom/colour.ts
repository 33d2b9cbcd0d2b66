import type { VoxelArray } from '../volume/volume.ts';
import type { PixelFormat } from './pixel-format.ts';

/**
 * Converts three samples per pixel to planes of red, green and blue. YBR_FULL is converted according to PS3.3,
 * C.7.6.3.1.2; in YBR_FULL_422, which stores two pixels in four values, the two share their colour.
 */
export function rgbFromYbr(values: VoxelArray, format: PixelFormat, planar: boolean): VoxelArray {
  const { rows, columns, photometric } = format;
  const pixels = rows * columns;
  const halved = photometric === 'YBR_FULL_422' && values.length < 3 * pixels;
  const planes = halved ? fromPairs(values, pixels) : planar ? values : fromPixels(values, pixels);
  return photometric === 'YBR_FULL' || photometric === 'YBR_FULL_422' ? turned(planes, pixels) : planes;
}

function fromPixels(values: VoxelArray, pixels: number): VoxelArray {
  const planes = values.slice();
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let sample = 0; sample < 3; sample++) planes[sample * pixels + pixel] = values[3 * pixel + sample]!;
  }
  return planes;
}

/** Y₁ Y₂ Cb Cr. */
function fromPairs(values: VoxelArray, pixels: number): VoxelArray {
  const planes = new Uint8Array(3 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const pair = 4 * (pixel >> 1);
    planes[pixel] = values[pair + (pixel & 1)]!;
    planes[pixels + pixel] = values[pair + 2]!;
    planes[2 * pixels + pixel] = values[pair + 3]!;
  }
  return planes;
}

/** Inverts the matrix printed in the standard, as pydicom does. */
function turned(planes: VoxelArray, pixels: number): VoxelArray {
  const limit = (value: number) => Math.min(255, Math.max(0, Math.floor(value + 0.5)));
  for (let pixel = 0; pixel < pixels; pixel++) {
    const y = planes[pixel]!;
    const [blue, red] = [planes[pixels + pixel]! - 128, planes[2 * pixels + pixel]! - 128];
    planes[pixel] = limit(y + 1.402 * red);
    planes[pixels + pixel] = limit(y - (0.114 * 1.772 * blue + 0.299 * 1.402 * red) / 0.587);
    planes[2 * pixels + pixel] = limit(y + 1.772 * blue);
  }
  return planes;
}

import sharp from 'sharp';
import { percentiles } from '../normalize.ts';
import { orientationOf } from '../orientation.ts';
import { labelColour } from '../palette.ts';
import type { Volume } from '../volume.ts';

const pixelsHigh = 320;

export interface OverlayOptions {
  scan: Volume;
  /** Same grid as the scan, or another one: then it is drawn by index, which shows the mismatch. */
  mask: Volume | null;
  /** Voxels to mark in red, such as values that are not numbers. */
  marked?: (value: number) => boolean;
}

/** Draws the slice with the most mask (or the middle one) along the third axis, masks over the grey scan, as PNG. */
export async function writeOverlay(path: string, { scan, mask, marked = () => false }: OverlayOptions): Promise<void> {
  const [width, height, depth] = scan.size;
  const k = mask === null ? depth >> 1 : Math.min(depth - 1, fullestSlice(mask));
  const pixels = new Uint8Array(width * height * 3);
  const slice = scan.data.subarray(k * width * height, (k + 1) * width * height);
  const finite = Float32Array.from(slice.filter((value) => Number.isFinite(value)));
  const [low, high] = finite.length > 0 ? percentiles(finite, [1, 99]) : [0, 1];
  const letters = orientationOf(scan);
  for (let j = 0; j < height; j++) {
    for (let i = 0; i < width; i++) {
      const value = slice[j * width + i]!;
      // Front and head at the top.
      const row = letters[1] === 'A' || letters[1] === 'S' ? height - 1 - j : j;
      const at = (row * width + i) * 3;
      const grey = Math.min(255, Math.max(0, (255 * (value - low!)) / Math.max(1e-12, high! - low!)));
      const label = mask === null ? 0 : labelAt(mask, i, j, k);
      const colour = marked(value) ? [255, 0, 0] : label === 0 ? null : labelColour(label);
      for (let band = 0; band < 3; band++) {
        pixels[at + band] = colour === null ? grey : marked(value) ? colour[band]! : 0.5 * grey + 0.5 * colour[band]!;
      }
    }
  }
  const aspect = (width * scan.spacingMm[0]) / (height * scan.spacingMm[1]);
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize({ height: pixelsHigh, width: Math.max(1, Math.round(pixelsHigh * aspect)), fit: 'fill', kernel: 'nearest' })
    .png({ palette: true })
    .toFile(path);
}

function labelAt({ data, size }: Volume, i: number, j: number, k: number): number {
  if (i >= size[0] || j >= size[1] || k >= size[2]) return 0;
  return data[(k * size[1] + j) * size[0] + i]!;
}

function fullestSlice({ data, size }: Volume): number {
  const area = size[0] * size[1];
  let best = { k: size[2] >> 1, count: 0 };
  for (let k = 0; k < size[2]; k++) {
    let count = 0;
    for (let index = k * area; index < (k + 1) * area; index++) if (data[index] !== 0) count += 1;
    if (count > best.count) best = { k, count };
  }
  return best.k;
}

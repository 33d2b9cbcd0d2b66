import sharp from 'sharp';
import { labelColour } from '../../domain/palette.ts';
import type { Slice } from '../augment.ts';
import { percentiles } from '../volume/normalize.ts';

/** A slice to draw, with its channels one below the other. */
export interface Panel extends Slice {
  /** Millimetres between rows, and between columns. */
  spacingMm: readonly [number, number];
  /** Non-zero, and drawn in red, where the mask has a value that is in no class; null if nowhere. */
  outside: Uint8Array | null;
}

const pixelsHigh = 256;
const gap = 8;
const mostChannels = 4;

/** Writes panels side by side as PNG, each channel in grey without and with its classes over it. */
export async function writePanels(path: string, panels: readonly Panel[]): Promise<void> {
  const tiles: { input: Buffer; left: number; top: number }[] = [];
  let [left, bottom] = [0, 0];
  for (const panel of panels) {
    const [rowMm, columnMm] = panel.spacingMm;
    const aspect = (panel.width * columnMm) / (panel.height * rowMm);
    const width = Math.max(1, Math.round(pixelsHigh * Math.min(4, aspect)));
    for (let channel = 0; channel < Math.min(mostChannels, panel.channels); channel++) {
      const top = channel * (pixelsHigh + gap);
      for (const [column, masked] of [false, true].entries()) {
        const raw = { width: panel.width, height: panel.height, channels: 3 as const };
        const input = await sharp(drawn(panel, channel, masked), { raw })
          .resize({ width, height: pixelsHigh, fit: 'fill', kernel: 'nearest' })
          .png()
          .toBuffer();
        tiles.push({ input, left: left + column * width, top });
      }
      bottom = Math.max(bottom, top + pixelsHigh);
    }
    left += 2 * width + gap;
  }
  const create = { width: left - gap, height: bottom, channels: 3 as const, background: '#ffffff' };
  await sharp({ create }).composite(tiles).png({ palette: true }).toFile(path);
}

function drawn({ image, labels, outside, channels, width, height }: Panel, channel: number, masked: boolean): Buffer {
  const values = Float32Array.from({ length: width * height }, (_, pixel) => image[pixel * channels + channel]!);
  const [low, high] = percentiles(values.slice(), [1, 99]) as [number, number];
  const pixels = Buffer.alloc(width * height * 3);
  for (const [pixel, value] of values.entries()) {
    const grey = Math.min(255, Math.max(0, (255 * (value - low)) / Math.max(1e-12, high - low)));
    const red = outside !== null && outside[pixel] !== 0;
    const colour = !masked ? null : red ? [255, 0, 0] : labels[pixel] === 0 ? null : labelColour(labels[pixel]!);
    for (let band = 0; band < 3; band++) {
      pixels[pixel * 3 + band] = Math.round(colour === null ? grey : 0.5 * grey + 0.5 * colour[band]!);
    }
  }
  return pixels;
}

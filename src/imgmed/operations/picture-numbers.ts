import { AutopilotError } from '../../domain/errors.ts';
import { percentiles } from '../volume/normalize.ts';
import type { Volume, VoxelArray } from '../volume/volume.ts';

/**
 * Intensities that become black and white: two values (`{ low: -160, high: 240, percent: false }`), two percentiles, or
 * the minimum and maximum (`minmax`).
 */
export type PictureRange = 'minmax' | { low: number; high: number; percent: boolean };

/**
 * The volume's values as numbers of a picture. Without a range they are unchanged and must be whole numbers of 0 … 255,
 * or of 0 … 65535 if `bits` is 16. With a range they are scaled to 0 … 255 and clipped.
 */
export function pictureNumbers(
  { data }: Pick<Volume, 'data'>,
  range: PictureRange | undefined,
  bits: 8 | 16,
): Uint8Array | Uint16Array {
  if (range === undefined) return asTheyAre(data, bits);
  const [low, high] = limitsOf(data, range);
  if (!(low < high)) {
    throw new AutopilotError('image.range', `--range: ${low} to ${high} is not a range; give a low and a higher value`);
  }
  return Uint8Array.from(data, (value) =>
    Math.floor(Math.min(1, Math.max(0, (value - low) / (high - low))) * 255 + 0.5),
  );
}

function asTheyAre(data: VoxelArray, bits: 8 | 16): Uint8Array | Uint16Array {
  if (data instanceof Uint8Array) return data;
  let [least, greatest, whole] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
  for (let index = 0; index < data.length; index++) {
    const value = data[index]!;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
    if (!Number.isInteger(value)) whole = false;
  }
  const most = 2 ** bits - 1;
  if (!whole || least < 0 || greatest > most) {
    const held = `${whole ? '' : 'numbers with fractions, '}${least} to ${greatest}`;
    throw new AutopilotError(
      'image.range',
      `holds ${held}, but such a picture holds whole numbers from 0 to ${most}; say which become black and white: --range LOW,HIGH, --range 1%,99% or --range minmax`,
    );
  }
  return greatest <= 255 && !(data instanceof Uint16Array && bits === 16)
    ? Uint8Array.from(data)
    : Uint16Array.from(data);
}

function limitsOf(data: VoxelArray, range: PictureRange): [number, number] {
  if (range !== 'minmax' && !range.percent) return [range.low, range.high];
  const [low, high] = range === 'minmax' ? [0, 100] : [range.low, range.high];
  const finite = Float64Array.from(data).filter((value) => Number.isFinite(value));
  return percentiles(finite, [low, high]) as [number, number];
}

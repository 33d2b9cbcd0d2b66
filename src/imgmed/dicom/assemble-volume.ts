import { refusal } from '../refusal.ts';
import type { Volume, VoxelArray } from '../volume/volume.ts';
import { readDicomFile } from './dicom-file.ts';
import { paletteOf } from './palette-colour.ts';
import type { PixelFormat } from './pixel-format.ts';
import { readFrames } from './pixel-frames.ts';
import type { Slice } from './slice.ts';
import type { Stack } from './stack-slices.ts';

/** Reads the pixels of a stack into one volume, each slice scaled by its own slope, intercept or lookup table. */
export async function assembleVolume({ slices, geometry, notes }: Stack): Promise<Volume> {
  const { columns, rows, samples } = slices[0]!;
  const pixels = columns * rows;
  const places = new Map(slices.map((slice, k) => [`${slice.frame} ${slice.file}`, { slice, k }]));
  let data: VoxelArray | null = null;
  let palette: Uint8Array | undefined;
  for (const file of new Set(slices.map((slice) => slice.file))) {
    const read = readDicomFile(file);
    const { format, frames } = await readFrames(read);
    requireAsSaid(format, slices[0]!);
    if (format.photometric === 'PALETTE COLOR') palette = paletteOf(read.set);
    for (const [frame, values] of frames.entries()) {
      const place = places.get(`${frame} ${file}`);
      if (place === undefined) continue;
      data ??= arrayFor(slices, format, pixels * samples * slices.length);
      if (data instanceof Float32Array || data instanceof Float64Array || fits(values, data) || isScaled(slices)) {
        for (let sample = 0; sample < samples; sample++) {
          const target = (sample * slices.length + place.k) * pixels;
          put(values.subarray(sample * pixels, (sample + 1) * pixels), data, target, place.slice);
        }
      } else throw refusal('its slices hold numbers of different types; give each a folder of its own');
    }
  }
  if (data === null) throw new Error('it holds no pixels');
  return {
    ...geometry,
    channels: samples,
    data,
    ...(palette === undefined ? {} : { palette }),
    ...(notes.length === 0 ? {} : { notes }),
  };
}

function requireAsSaid({ rows, columns, samples }: PixelFormat, slice: Slice): void {
  if (rows === slice.rows && columns === slice.columns && samples === slice.samples) return;
  throw refusal('its slices have different sizes; give each a folder of its own');
}

function fits(values: VoxelArray, data: VoxelArray): boolean {
  return values.constructor === data.constructor;
}

function isScaled(slices: readonly Slice[]): boolean {
  return slices.some(({ slope, intercept, lookup }) => slope !== 1 || intercept !== 0 || lookup !== null);
}

/** The stored type if nothing is scaled; else an integer type for every possible value, or doubles. */
function arrayFor(
  slices: readonly Slice[],
  { bitsAllocated, bitsStored, signed, kind }: PixelFormat,
  length: number,
): VoxelArray {
  if (!isScaled(slices) && kind === 'integers') {
    if (bitsAllocated <= 8) return signed ? new Int8Array(length) : new Uint8Array(length);
    if (bitsAllocated === 16) return signed ? new Int16Array(length) : new Uint16Array(length);
    return signed ? new Int32Array(length) : new Uint32Array(length);
  }
  if (!isScaled(slices)) return kind === 'floats' ? new Float32Array(length) : new Float64Array(length);
  const whole = slices.every(
    ({ slope, intercept, lookup }) => lookup !== null || (Number.isInteger(slope) && Number.isInteger(intercept)),
  );
  if (!whole || kind !== 'integers') return new Float64Array(length);
  const ends = signed ? [-(2 ** (bitsStored - 1)), 2 ** (bitsStored - 1) - 1] : [0, 2 ** bitsStored - 1];
  const values = slices.flatMap(({ slope, intercept, lookup }) =>
    lookup === null ? ends.map((end) => end * slope + intercept) : [0, 65535],
  );
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low >= 0 && high <= 65535) return new Uint16Array(length);
  if (low >= -32768 && high <= 32767) return new Int16Array(length);
  return low >= -(2 ** 31) && high < 2 ** 31 ? new Int32Array(length) : new Float64Array(length);
}

function put(values: VoxelArray, data: VoxelArray, target: number, { slope, intercept, lookup }: Slice): void {
  if (lookup !== null) {
    const last = lookup.values.length - 1;
    for (let index = 0; index < values.length; index++) {
      data[target + index] = lookup.values[Math.min(last, Math.max(0, values[index]! - lookup.first))]!;
    }
  } else if (slope === 1 && intercept === 0) data.set(values, target);
  else for (let index = 0; index < values.length; index++) data[target + index] = values[index]! * slope + intercept;
}

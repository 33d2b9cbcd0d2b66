import { exactNumbers } from '../reading/wide-integers.ts';
import { Damage, refusal } from '../refusal.ts';
import type { VoxelArray } from '../volume/volume.ts';
import type { Picture } from './picture.ts';
import { type Directory, type TiffFile, tiffFile } from './tiff-directory.ts';
import { requireCompression, unpackTiff } from './unpack-tiff.ts';

export { isTiff } from './tiff-directory.ts';

interface Layout {
  width: number;
  height: number;
  samples: number;
  bits: number;
  /** TIFF's SampleFormat: 1 unsigned, 2 signed, 3 float. */
  format: number;
  photometric: number;
  compression: number;
  predictor: number;
  separate: boolean;
  opacity: boolean;
  tile: { width: number; height: number } | null;
}

const photometrics: Record<number, string> = {
  4: 'a transparency mask',
  5: 'CMYK',
  6: 'YCbCr',
  8: 'CIE Lab',
  9: 'CIE Lab',
  10: 'CIE Lab',
};
const largestBytes = 2 ** 31;

/** Reads a TIFF as stored: integers of 1 to 64 bits with their sign, floats of 16 to 64 bits; pages are slices. */
export async function readTiff(bytes: Buffer, path: string): Promise<Picture> {
  const file = tiffFile(bytes);
  const pages = file.directories.filter((directory) => ((one(directory, 254) ?? 0) & 1) === 0);
  const used = pages.length > 0 ? pages : file.directories;
  refuseHyperstack(used[0]!, used.length);
  if (used.every(isJpeg)) return (await import('./read-jpeg.ts')).readWithVips(path);
  const layouts = used.map(layoutOf);
  const first = layouts[0]!;
  for (const [page, layout] of layouts.entries()) {
    const alike = (['width', 'height', 'samples', 'bits', 'format', 'photometric'] as const).every(
      (field) => layout[field] === first[field],
    );
    if (!alike)
      throw refusal(
        `its pages 1 and ${page + 1} differ in size or kind, so they cannot be slices of one volume; give each a file of its own`,
      );
  }
  const pixels = first.width * first.height;
  const parts = used.map((directory, page) => pageOf(file, directory, layouts[page]!));
  const data = exactNumbers(joined(parts));
  const picture: Picture = {
    width: first.width,
    height: first.height,
    pages: used.length,
    samples: first.samples,
    data,
  };
  if (first.opacity) picture.opaque = first.format === 3 ? 1 : 2 ** first.bits - 1;
  if (first.photometric === 3) picture.palette = paletteOf(used[0]!);
  if (data.length !== pixels * first.samples * used.length) throw new Damage('it holds less than its header declares');
  return picture;
}

/** JPEG of 8 bits, grey, RGB or YCbCr, as sharp saves a TIFF by default. */
function isJpeg(directory: Directory): boolean {
  return one(directory, 259) === 7 && one(directory, 258) === 8 && [1, 2, 6].includes(one(directory, 262) ?? 1);
}

function one(directory: Directory, tag: number): number | undefined {
  const values = directory.get(tag);
  return typeof values === 'string' ? undefined : values?.[0];
}

function many(directory: Directory, tag: number): number[] {
  const values = directory.get(tag);
  return typeof values === 'string' || values === undefined ? [] : values;
}

function layoutOf(directory: Directory): Layout {
  const [width, height] = [one(directory, 256) ?? 0, one(directory, 257) ?? 0];
  const samples = one(directory, 277) ?? 1;
  const bits = one(directory, 258) ?? 1;
  const format = one(directory, 339) ?? 1;
  const photometric = one(directory, 262) ?? 1;
  const compression = one(directory, 259) ?? 1;
  if (width === 0 || height === 0) throw new Damage(`its header gives ${width} × ${height} pixels`);
  if (width * height * samples * Math.ceil(bits / 8) > largestBytes)
    throw refusal(`it has ${width} × ${height} pixels, more than fits in memory; crop it`);
  if (many(directory, 258).some((other) => other !== bits))
    throw refusal('its samples have different numbers of bits; save it with equal ones');
  const whole = format <= 2 || format === 4;
  const known = whole ? [1, 8, 16, 32, 64].includes(bits) : format === 3 && [16, 32, 64].includes(bits);
  if (!known)
    throw refusal(
      `its samples are ${format === 3 ? 'floats' : format > 3 ? 'complex numbers or unknown' : 'integers'} of ${bits} bits; integers of 1, 8, 16, 32 and 64 bits and floats of 16, 32 and 64 are read`,
    );
  const named = photometrics[photometric];
  if (named !== undefined) throw refusal(`its pixels are ${named}; save it as grey or RGB`);
  requireCompression(compression);
  const colours = photometric === 2 ? 3 : 1;
  const extra = many(directory, 338);
  if (samples !== colours && samples !== colours + 1) {
    throw refusal(
      `it has ${samples} samples a pixel, and ${colours} of them are ${colours === 3 ? 'RGB' : 'grey'}; give each channel a file of its own`,
    );
  }
  const opacity = samples === colours + 1;
  if (opacity && extra[0] !== 1 && extra[0] !== 2)
    throw refusal(
      `it has ${samples} samples a pixel, and nothing says what the last one is; give each channel a file of its own`,
    );
  if (bits === 1 && samples > 1)
    throw refusal('its pixels have several samples of one bit; save it as grey or RGB of 8 bits');
  const tileWidth = one(directory, 322);
  return {
    width,
    height,
    samples,
    bits,
    format: format === 4 ? 1 : format,
    photometric,
    compression,
    predictor: one(directory, 317) ?? 1,
    separate: one(directory, 284) === 2 && samples > 1,
    opacity,
    tile: tileWidth === undefined ? null : { width: tileWidth, height: one(directory, 323) ?? 0 },
  };
}

/** Refuses channels, times and further axes, which ImageJ, OME and tifffile put into pages. */
function refuseHyperstack(directory: Directory, pages: number): void {
  const description = directory.get(270);
  if (typeof description !== 'string' || pages === 1) return;
  const axes = [...description.matchAll(/(?:^|\n)(channels|frames)=(\d+)|\b(Size[CT])="(\d+)"/g)]
    .map((match) => ({ name: match[1] ?? match[3]!, count: Number(match[2] ?? match[4]) }))
    .filter(({ count }) => count > 1);
  const shape = /"shape": \[([\d, ]+)\]/.exec(description)?.[1]?.split(',').map(Number) ?? [];
  const pixels = [one(directory, 257), one(directory, 256)];
  const before = shape.slice(
    0,
    shape.findIndex((length, n) => length === pixels[0] && shape[n + 1] === pixels[1]),
  );
  const stacked = before.filter((length) => length > 1 && length !== one(directory, 277));
  if (stacked.length > 1) {
    throw refusal(
      `its ${pages} pages span ${stacked.length} axes (${stacked.join(' × ')}) and are not only slices; give each volume a file of its own`,
    );
  }
  if (axes.length === 0) return;
  throw refusal(
    `its ${pages} pages are channels or times and not only slices (${axes.map(({ name, count }) => `${name} ${count}`).join(', ')}); give each channel or time a file of its own`,
  );
}

function pageOf(
  { bytes, little }: TiffFile,
  directory: Directory,
  layout: Layout,
): VoxelArray | BigInt64Array | BigUint64Array {
  const { width, height, samples, bits, separate, tile, compression } = layout;
  const [offsets, counts] =
    tile === null ? [many(directory, 273), many(directory, 279)] : [many(directory, 324), many(directory, 325)];
  const block = tile ?? { width, height: Math.min(height, one(directory, 278) ?? height) };
  if (block.width < 1 || block.height < 1) throw new Damage(`its parts have ${block.width} × ${block.height} pixels`);
  const across = Math.ceil(width / block.width);
  const down = Math.ceil(height / block.height);
  const planes = separate ? samples : 1;
  const within = separate ? 1 : samples;
  if (offsets.length < across * down * planes)
    throw new Damage(`it has ${offsets.length} parts, where ${across * down * planes} are needed`);
  const bytesPerSample = Math.max(1, bits >> 3);
  const page = Buffer.alloc(width * height * samples * bytesPerSample);
  for (let index = 0; index < across * down * planes; index++) {
    const plane = Math.floor(index / (across * down));
    const [row0, column0] = [
      Math.floor((index % (across * down)) / across) * block.height,
      (index % across) * block.width,
    ];
    const rows = tile === null ? Math.min(block.height, height - row0) : block.height;
    const rowBytes = Math.ceil((block.width * within * bits) / 8);
    const end = offsets[index]! + (counts[index] ?? bytes.length);
    if (offsets[index]! > bytes.length || (counts[index] !== undefined && end > bytes.length))
      throw new Damage(`part ${index + 1} of its pixels lies beyond its end`);
    const raw = unpackTiff(bytes.subarray(offsets[index]!, end), compression, rowBytes * rows);
    const values =
      bits === 1
        ? spreadBits(raw, block.width, rows, rowBytes)
        : unpredicted(raw, layout, block.width, rows, within, little);
    const columns = Math.min(block.width, width - column0);
    for (let row = 0; row < Math.min(rows, height - row0); row++) {
      for (let column = 0; column < columns; column++) {
        const source = (row * block.width + column) * within * bytesPerSample;
        const target = (((row0 + row) * width + column0 + column) * samples + plane) * bytesPerSample;
        values.copy(page, target, source, source + within * bytesPerSample);
      }
    }
  }
  return numbersOf(page, layout);
}

/** Spreads bits over bytes of 0 and 1. */
function spreadBits(raw: Buffer, width: number, rows: number, rowBytes: number): Buffer {
  const result = Buffer.alloc(width * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      result[row * width + column] = (raw[row * rowBytes + (column >> 3)]! >> (7 - (column & 7))) & 1;
    }
  }
  return result;
}

/** Converts to little-endian and sums up the differences to the left neighbour (predictors 2 and 3). */
function unpredicted(
  raw: Buffer,
  { bits, predictor }: Layout,
  width: number,
  rows: number,
  samples: number,
  little: boolean,
): Buffer {
  const size = bits >> 3;
  if (predictor === 3) return summedFloats(raw, width, rows, samples, size);
  if (!little && size === 2) raw.swap16();
  else if (!little && size === 4) raw.swap32();
  else if (!little && size === 8) raw.swap64();
  if (predictor === 1) return raw;
  if (predictor !== 2 || size === 8)
    throw refusal(`it is a TIFF with predictor ${predictor} of ${bits} bits; save it again without`);
  const row = width * samples;
  const view =
    size === 1
      ? raw
      : size === 2
        ? new Uint16Array(raw.buffer, raw.byteOffset, raw.length / 2)
        : new Uint32Array(raw.buffer, raw.byteOffset, raw.length / 4);
  for (let start = 0; start < view.length; start += row) {
    for (let index = start + samples; index < start + row; index++) view[index] = view[index]! + view[index - samples]!;
  }
  return raw;
}

/** Undoes predictor 3: floats as byte planes, most significant first, each byte as the difference to the one before. */
function summedFloats(raw: Buffer, width: number, rows: number, samples: number, size: number): Buffer {
  const count = width * samples;
  const result = Buffer.alloc(raw.length);
  for (let row = 0; row < rows; row++) {
    const line = raw.subarray(row * count * size, (row + 1) * count * size);
    for (let index = samples; index < line.length; index++) line[index] = line[index]! + line[index - samples]!;
    for (let n = 0; n < count; n++) {
      for (let byte = 0; byte < size; byte++)
        result[(row * count + n) * size + size - 1 - byte] = line[byte * count + n]!;
    }
  }
  return result;
}

function numbersOf(page: Buffer, { bits, format }: Layout): VoxelArray | BigInt64Array | BigUint64Array {
  const { buffer, byteOffset, length } = Buffer.from(page);
  const own = buffer.slice(byteOffset, byteOffset + length);
  if (format === 3)
    return bits === 16 ? halfFloats(new Uint16Array(own)) : bits === 32 ? new Float32Array(own) : new Float64Array(own);
  if (bits <= 8) return format === 2 ? new Int8Array(own) : new Uint8Array(own);
  if (bits === 16) return format === 2 ? new Int16Array(own) : new Uint16Array(own);
  if (bits === 32) return format === 2 ? new Int32Array(own) : new Uint32Array(own);
  return format === 2 ? new BigInt64Array(own) : new BigUint64Array(own);
}

function halfFloats(words: Uint16Array): Float32Array {
  return Float32Array.from(words, (word) => {
    const [sign, exponent, fraction] = [word & 0x8000 ? -1 : 1, (word >> 10) & 0x1f, word & 0x3ff];
    if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

function joined<T extends VoxelArray | BigInt64Array | BigUint64Array>(parts: readonly T[]): T {
  if (parts.length === 1) return parts[0]!;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length * parts[0]!.BYTES_PER_ELEMENT);
  let at = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  const Numbers = parts[0]!.constructor as new (buffer: ArrayBuffer) => T;
  return new Numbers(bytes.buffer);
}

function paletteOf(directory: Directory): Uint8Array {
  const map = many(directory, 320);
  const count = map.length / 3;
  const palette = new Uint8Array(map.length);
  for (let colour = 0; colour < count; colour++) {
    for (let channel = 0; channel < 3; channel++) palette[3 * colour + channel] = map[channel * count + colour]! >> 8;
  }
  return palette;
}

import { inflateSync } from 'node:zlib';
import { crc32 } from '@node-rs/crc32';
import { messageOf } from '../../domain/errors.ts';
import { Damage, refusal } from '../refusal.ts';
import type { Picture } from './picture.ts';

interface Header {
  width: number;
  height: number;
  depth: number;
  colour: number;
  interlaced: boolean;
}

/** Samples per pixel by colour type: grey, RGB, palette, grey and opacity, RGB and opacity. */
const samplesOf: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const depthsOf: Record<number, number[]> = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };
/** Adam7: first column and row of each pass, and its steps. */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const largestBytes = 2 ** 31;

/**
 * Reads a PNG as stored: palette indices and 16-bit values are kept, gamma and colour profiles are ignored. Grey of 1,
 * 2 or 4 bits is spread over 0 to 255, as in Pillow.
 */
export function readPng(bytes: Buffer): Picture {
  const { header, data, palette } = chunksOf(bytes);
  const { width, height, depth, colour } = header;
  const samples = samplesOf[colour]!;
  const stride = (columns: number) => Math.ceil((columns * samples * depth) / 8);
  const parts = header.interlaced
    ? passes.map(([x, y, dx, dy]) => ({
        x,
        y,
        dx,
        dy,
        columns: Math.ceil((width - x) / dx),
        rows: Math.ceil((height - y) / dy),
      }))
    : [{ x: 0, y: 0, dx: 1, dy: 1, columns: width, rows: height }];
  const used = parts.filter(({ columns, rows }) => columns > 0 && rows > 0);
  const needed = used.reduce((sum, { columns, rows }) => sum + rows * (1 + stride(columns)), 0);
  const raw = inflated(data, needed);
  const result = depth === 16 ? new Uint16Array(width * height * samples) : new Uint8Array(width * height * samples);
  const spread = colour === 0 && depth < 8 ? 255 / (2 ** depth - 1) : 1;
  let at = 0;
  for (const { x, y, dx, dy, columns, rows } of used) {
    const bytesPerRow = stride(columns);
    let above: Buffer = Buffer.alloc(bytesPerRow);
    for (let row = 0; row < rows; row++) {
      const line = raw.subarray(at + 1, at + 1 + bytesPerRow);
      unfilter(raw[at]!, line, above, Math.max(1, (samples * depth) >> 3));
      for (let column = 0; column < columns; column++) {
        const target = ((y + row * dy) * width + x + column * dx) * samples;
        for (let sample = 0; sample < samples; sample++) {
          result[target + sample] = spread * valueAt(line, column * samples + sample, depth);
        }
      }
      above = line;
      at += 1 + bytesPerRow;
    }
  }
  const picture = { width, height, pages: 1, samples, data: result };
  if (colour === 3) {
    if (palette === null) throw new Damage('its palette is missing');
    return { ...picture, palette };
  }
  return samples === 2 || samples === 4 ? { ...picture, opaque: depth === 16 ? 65535 : 255 } : picture;
}

function valueAt(line: Buffer, index: number, depth: number): number {
  if (depth === 8) return line[index]!;
  if (depth === 16) return line.readUInt16BE(2 * index);
  const bit = index * depth;
  return (line[bit >> 3]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

function chunksOf(bytes: Buffer) {
  let header: Header | null = null;
  let palette: Uint8Array | null = null;
  const data: Buffer[] = [];
  let at = 8;
  let ended = false;
  while (!ended) {
    if (at + 12 > bytes.length) throw new Damage('it ends in the middle');
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 12 + length;
    if (end > bytes.length) throw new Damage('it ends in the middle');
    const chunk = bytes.subarray(at + 8, end - 4);
    if (crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4))
      throw new Damage(`the checksum of its part ${type} is wrong`);
    if (type === 'IHDR') header = headerOf(chunk);
    else if (type === 'PLTE') palette = Uint8Array.from(chunk);
    else if (type === 'acTL' && chunk.length >= 4 && chunk.readUInt32BE(0) > 1)
      throw refusal(`it is animated (${chunk.readUInt32BE(0)} frames); save each as a file of its own`);
    else if (type === 'IDAT') data.push(chunk);
    else if (type === 'IEND') ended = true;
    at = end;
  }
  if (header === null) throw new Damage('it has no header');
  return { header, palette, data: Buffer.concat(data) };
}

function headerOf(chunk: Buffer): Header {
  if (chunk.length < 13) throw new Damage('its header is too short');
  const [width, height, depth, colour] = [chunk.readUInt32BE(0), chunk.readUInt32BE(4), chunk[8]!, chunk[9]!];
  if (width === 0 || height === 0 || depthsOf[colour]?.includes(depth) !== true) {
    throw new Damage(`its header gives ${width} × ${height} pixels of ${depth} bits and colour type ${colour}`);
  }
  return { width, height, depth, colour, interlaced: chunk[12] === 1 };
}

function inflated(data: Buffer, needed: number): Buffer {
  if (needed > largestBytes || needed > 1100 * data.length + 1000) {
    throw new Damage(`its header declares ${needed} bytes of pixels, but it holds ${data.length}`);
  }
  let raw: Buffer;
  try {
    raw = inflateSync(data, { maxOutputLength: needed + 65536 });
  } catch (error) {
    throw new Damage(`its compression is broken (${messageOf(error)})`, { cause: error });
  }
  if (raw.length < needed)
    throw new Damage(`its header declares ${needed} bytes of pixels, but it holds ${raw.length}`);
  return raw;
}

/** Undoes PNG's five filters in place; `step` is the number of bytes per pixel. */
function unfilter(filter: number, line: Buffer, above: Buffer, step: number): void {
  if (filter > 4) throw new Damage(`it has a row with filter ${filter}`);
  for (let index = 0; filter !== 0 && index < line.length; index++) {
    const left = index >= step ? line[index - step]! : 0;
    const up = above[index]!;
    const corner = index >= step ? above[index - step]! : 0;
    const predicted =
      filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner);
    line[index] = line[index]! + predicted;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

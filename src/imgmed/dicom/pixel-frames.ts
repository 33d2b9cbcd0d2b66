import { inflateRawSync } from 'node:zlib';
import { messageOf } from '../../domain/errors.ts';
import { Damage } from '../refusal.ts';
import type { VoxelArray } from '../volume/volume.ts';
import { rgbFromYbr } from './colour.ts';
import type { DataSet, Element } from './data-set.ts';
import type { DicomFile } from './dicom-file.ts';
import { unpackWithGdcm } from './gdcm.ts';
import { arrayTypeOf, frameBytesOf, type PixelFormat, pixelFormatOf } from './pixel-format.ts';
import { unpackRle } from './rle.ts';
import { type TransferSyntax, transferSyntax } from './transfer-syntax.ts';

/** Pixels as stored: one array per frame, sample after sample. Colours are red, green and blue. */
export interface Frames {
  format: PixelFormat;
  frames: VoxelArray[];
}

/** Largest compression ratio of pictures, except those of a single value, which may unpack to `harmlessBytes`. */
const tightest = 2000;
const harmlessBytes = 1 << 26;

export async function readFrames({ set, syntax: uid }: DicomFile): Promise<Frames> {
  const { element, kind } = pixelElement(set);
  const syntax = transferSyntax(uid);
  const format = pixelFormatOf(set, kind);
  const frames =
    syntax.packing === 'native' && element.fragments === null
      ? nativeFrames(element, format, syntax)
      : await packedFrames(element, set, format, syntax);
  const correct = kind === 'integers' && format.bitsStored < format.bitsAllocated;
  return { format, frames: correct ? frames.map((frame) => withoutUnusedBits(frame, format)) : frames };
}

function pixelElement(set: DataSet): { element: Element; kind: PixelFormat['kind'] } {
  const found = (
    [
      [0x7fe00010, 'integers'],
      [0x7fe00008, 'floats'],
      [0x7fe00009, 'doubles'],
    ] as const
  ).flatMap(([tag, kind]) => {
    const element = set.get(tag);
    return element === undefined ? [] : [{ element, kind }];
  });
  if (found[0] === undefined) throw new Damage('it holds no pixels');
  return found[0];
}

function nativeFrames(element: Element, format: PixelFormat, syntax: TransferSyntax): VoxelArray[] {
  const { frames, bitsAllocated, kind } = format;
  const bits = kind === 'floats' ? 32 : kind === 'doubles' ? 64 : bitsAllocated;
  const bytes = frameBytesOf({ ...format, bitsAllocated: bits });
  const held = element.value.length;
  const needed = Math.ceil(bytes * frames);
  if (held < needed) throw new Damage(`its header declares ${needed} bytes of pixels, but it holds ${held}`);
  if (bits === 1) return bitFrames(element.value, format);
  // Big-endian two-byte words, in which each byte is a value.
  const words = syntax.big && bits === 8 && element.vr === 'OW';
  const value = words ? Buffer.from(element.value).swap16() : element.value;
  return Array.from({ length: frames }, (_, n) => {
    const part = Buffer.from(value.subarray(n * bytes, (n + 1) * bytes));
    if (syntax.big && bits > 8) swap(part, bits);
    return rgb(numbersIn(part, format), format, format.planar);
  });
}

function swap(bytes: Buffer, bits: number): void {
  if (bits === 16) bytes.swap16();
  else if (bits === 32) bytes.swap32();
  else bytes.swap64();
}

/** Bits start at the least significant; frames follow each other without a gap (PS3.5, 8.1.1). */
function bitFrames(value: Buffer, { rows, columns, frames }: PixelFormat): VoxelArray[] {
  const pixels = rows * columns;
  return Array.from({ length: frames }, (_, n) => {
    const frame = new Uint8Array(pixels);
    for (let pixel = 0; pixel < pixels; pixel++) {
      const bit = n * pixels + pixel;
      frame[pixel] = (value[bit >> 3]! >> (bit & 7)) & 1;
    }
    return frame;
  });
}

function numbersIn(bytes: Uint8Array, format: PixelFormat): VoxelArray {
  const Numbers = arrayTypeOf(format);
  const own = Uint8Array.from(bytes);
  return new Numbers(own.buffer, 0, own.byteLength / new Numbers(new ArrayBuffer(0)).BYTES_PER_ELEMENT);
}

async function packedFrames(
  element: Element,
  set: DataSet,
  format: PixelFormat,
  syntax: TransferSyntax,
): Promise<VoxelArray[]> {
  const packed = framesOf(element, set, format.frames);
  const { rows, columns, samples, bitsAllocated, frames } = format;
  const bytes = bitsAllocated / 8;
  const unpackedBytes = rows * columns * samples * bytes * frames;
  const held = packed.reduce((sum, { length }) => sum + length, 0);
  if (unpackedBytes > Math.max(tightest * held, harmlessBytes)) {
    throw new Damage(`its header declares ${unpackedBytes} bytes of pixels, but it holds ${held}`);
  }
  if (syntax.packing === 'rle') {
    return packed.map((frame) => {
      const planes = unpackRle(frame, rows * columns, samples, bytes);
      return rgb(numbersIn(planes, format), format, true);
    });
  }
  if (syntax.packing === 'deflatedFrames') {
    return packed.flatMap((frame) =>
      nativeFrames({ ...element, value: inflated(frame) }, { ...format, frames: 1 }, syntax),
    );
  }
  const unpacked = await unpackWithGdcm(packed, syntax.uid, format);
  return unpacked.map((frame) => {
    const view = new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength);
    // GDCM has converted all colours to red, green and blue.
    return rgb(numbersIn(view, format), { ...format, photometric: samples === 3 ? 'RGB' : format.photometric }, false);
  });
}

function inflated(frame: Buffer): Buffer {
  try {
    return inflateRawSync(frame, { maxOutputLength: 2 ** 31 });
  } catch (error) {
    throw new Damage(`its compression is broken (${messageOf(error)})`);
  }
}

/** The bytes of each frame: all fragments of a single frame, else one each, or as the offset table divides them. */
function framesOf({ fragments }: Element, set: DataSet, frames: number): Buffer[] {
  const [table, ...parts] = fragments ?? [];
  if (table === undefined) throw new Damage('its pixels are not packed as its transfer syntax says');
  if (frames === 1) return [Buffer.concat(parts)];
  if (parts.length === frames) return parts;
  const offsets = offsetsOf(table, set);
  if (offsets.length !== frames) {
    throw new Damage(`it holds ${parts.length} fragments for ${frames} frames, but no table of which belong together`);
  }
  const starts: number[] = [];
  let at = 0;
  for (const part of parts) {
    starts.push(at);
    at += 8 + part.length;
  }
  return offsets.map((offset, n) => {
    const next = offsets[n + 1] ?? Number.POSITIVE_INFINITY;
    const own = parts.filter((_, part) => starts[part]! >= offset && starts[part]! < next);
    if (own.length === 0) throw new Damage(`its offset table gives frame ${n + 1} no bytes`);
    return Buffer.concat(own);
  });
}

function offsetsOf(table: Buffer, set: DataSet): number[] {
  const extended = set.get(0x7fe00001)?.value;
  if (table.length > 0) return Array.from({ length: table.length >> 2 }, (_, n) => table.readUInt32LE(4 * n));
  if (extended === undefined) return [];
  return Array.from({ length: extended.length >> 3 }, (_, n) => Number(extended.readBigUInt64LE(8 * n)));
}

/** Planar samples, with colours as red, green and blue. */
function rgb(values: VoxelArray, format: PixelFormat, planar: boolean): VoxelArray {
  return format.samples === 1 ? values : rgbFromYbr(values, format, planar);
}

/** Fills unused bits, which may hold anything (PS3.5, 8.1.1), with the sign bit, or with 0 if unsigned. */
function withoutUnusedBits(frame: VoxelArray, { bitsAllocated, bitsStored, signed }: PixelFormat): VoxelArray {
  const shift = 32 - bitsStored;
  if (bitsAllocated === 1) return frame;
  for (let index = 0; index < frame.length; index++) {
    const left = frame[index]! << shift;
    frame[index] = signed ? left >> shift : left >>> shift;
  }
  return frame;
}

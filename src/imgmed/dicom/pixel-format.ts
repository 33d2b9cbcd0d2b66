import { Damage, refusal } from '../refusal.ts';
import type { VoxelArray } from '../volume/volume.ts';
import { type DataSet, decimalOf, shortOf, textOf } from './data-set.ts';

/** Pixel format according to the header. */
export interface PixelFormat {
  rows: number;
  columns: number;
  frames: number;
  samples: number;
  photometric: string;
  bitsAllocated: number;
  bitsStored: number;
  signed: boolean;
  planar: boolean;
  kind: 'integers' | 'floats' | 'doubles';
}

const grey = ['MONOCHROME1', 'MONOCHROME2', 'PALETTE COLOR'];
const colours = ['RGB', 'YBR_FULL', 'YBR_FULL_422', 'YBR_RCT', 'YBR_ICT'];

/** Refuses unsupported formats by name. */
export function pixelFormatOf(set: DataSet, kind: PixelFormat['kind'] = 'integers'): PixelFormat {
  const [rows, columns] = [shortOf(set, 0x00280010) ?? 0, shortOf(set, 0x00280011) ?? 0];
  const bitsAllocated = shortOf(set, 0x00280100) ?? 16;
  const bitsStored = shortOf(set, 0x00280101) ?? bitsAllocated;
  const highBit = shortOf(set, 0x00280102) ?? bitsStored - 1;
  const samples = shortOf(set, 0x00280002) ?? 1;
  const photometric = textOf(set, 0x00280004).toUpperCase() || (samples === 1 ? 'MONOCHROME2' : 'RGB');
  const frames = Math.max(1, Math.round(decimalOf(set, 0x00280008) ?? 1));
  if (rows === 0 || columns === 0) throw new Damage(`its header gives ${rows} rows and ${columns} columns`);
  if (kind === 'integers') {
    if (![1, 8, 16, 32].includes(bitsAllocated))
      throw refusal(`its pixels have ${bitsAllocated} bits; 1, 8, 16 and 32 are read`);
    if (bitsStored < 1 || bitsStored > bitsAllocated) {
      throw new Damage(`its header declares ${bitsStored} bits stored in ${bitsAllocated}`);
    }
    if (highBit !== bitsStored - 1) {
      throw refusal(
        `its ${bitsStored} bits stored end at bit ${highBit} and not at ${bitsStored - 1}, which the standard has retired; convert it (dcmtk)`,
      );
    }
  }
  const known = samples === 1 ? grey : samples === 3 ? colours : [];
  if (!known.includes(photometric)) {
    throw refusal(
      `its pixels are ${photometric} of ${samples} samples; ${[...grey, ...colours].join(', ')} are read; convert it (dcmtk)`,
    );
  }
  const signed = kind === 'integers' && shortOf(set, 0x00280103) === 1;
  const planar = shortOf(set, 0x00280006) === 1;
  return { rows, columns, frames, samples, photometric, bitsAllocated, bitsStored, signed, planar, kind };
}

/** Bytes of one frame in a native file, possibly fractional: frames of single bits are not padded to whole bytes. */
export function frameBytesOf({ rows, columns, samples, bitsAllocated, photometric }: PixelFormat): number {
  const perPixel = photometric === 'YBR_FULL_422' ? 2 : samples;
  return (rows * columns * perPixel * bitsAllocated) / 8;
}

type Numbers = new (buffer: ArrayBufferLike, byteOffset?: number, length?: number) => VoxelArray;

/** Array type for a file's pixels before any scaling. */
export function arrayTypeOf({ bitsAllocated, signed, kind }: PixelFormat): Numbers {
  if (kind === 'floats') return Float32Array;
  if (kind === 'doubles') return Float64Array;
  if (bitsAllocated <= 8) return signed ? Int8Array : Uint8Array;
  if (bitsAllocated === 16) return signed ? Int16Array : Uint16Array;
  return signed ? Int32Array : Uint32Array;
}

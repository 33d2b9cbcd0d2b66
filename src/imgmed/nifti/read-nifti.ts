import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { messageOf } from '../../domain/errors.ts';
import { planar } from '../reading/itk-image.ts';
import { exactNumbers } from '../reading/wide-integers.ts';
import { Damage, refusal } from '../refusal.ts';
import type { Triple, Volume, VoxelArray } from '../volume/volume.ts';
import { type NiftiHeader, niftiHeader } from './nifti-header.ts';
import { niftiPlace } from './nifti-place.ts';

type Numbers = new (
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
) => VoxelArray | BigInt64Array | BigUint64Array;

/** Number types by NIfTI code, with the components per voxel. */
const numberTypes = new Map<number, { array: Numbers; bytes: number; components: number }>([
  [2, { array: Uint8Array, bytes: 1, components: 1 }],
  [256, { array: Int8Array, bytes: 1, components: 1 }],
  [4, { array: Int16Array, bytes: 2, components: 1 }],
  [512, { array: Uint16Array, bytes: 2, components: 1 }],
  [8, { array: Int32Array, bytes: 4, components: 1 }],
  [768, { array: Uint32Array, bytes: 4, components: 1 }],
  [1024, { array: BigInt64Array, bytes: 8, components: 1 }],
  [1280, { array: BigUint64Array, bytes: 8, components: 1 }],
  [16, { array: Float32Array, bytes: 4, components: 1 }],
  [64, { array: Float64Array, bytes: 8, components: 1 }],
  [128, { array: Uint8Array, bytes: 1, components: 3 }],
  [2304, { array: Uint8Array, bytes: 1, components: 4 }],
]);

const refusedTypes: Record<number, string> = {
  0: 'of unknown type',
  1: 'single bits',
  32: 'complex numbers',
  1536: 'floats of 128 bits',
  1792: 'complex numbers',
  2048: 'complex numbers',
};

/** First of the 100 intent codes that mark a NIfTI-2 file as CIFTI-2. */
const firstCifti = 3000;
const largestBytes = 2 ** 32 - 1;

/** Reads `.nii`, compressed or not regardless of its ending, and pairs of `.hdr` and `.img`. */
export function readNifti(file: string): Volume {
  const bytes = unpacked(readFileSync(file));
  const header = niftiHeader(bytes);
  return niftiVolume(header, header.pair ? voxelsBeside(file) : bytes);
}

function voxelsBeside(file: string): Uint8Array {
  const stem = file.replace(/\.(hdr|img|nii)(\.gz)?$/i, '');
  const found = ['.img', '.img.gz', '.IMG'].map((ending) => stem + ending).find((path) => existsSync(path));
  if (found === undefined)
    throw refusal(`its voxels are in ${stem}.img, which does not exist; copy it beside its header`);
  return unpacked(readFileSync(found));
}

/** The bytes of a file, unpacked if it is compressed. */
function unpacked(file: Uint8Array): Uint8Array {
  if (file[0] !== 0x1f || file[1] !== 0x8b) return file;
  try {
    return gunzipSync(file, { maxOutputLength: largestBytes });
  } catch (error) {
    throw new Damage(`its compression is broken (${messageOf(error)})`, { cause: error });
  }
}

/** Voxels as stored, scaled according to the header; axes beyond the third, and colours, become channels. */
export function niftiVolume(header: NiftiHeader, bytes: Uint8Array): Volume {
  const { datatype, bitsPerVoxel } = header;
  if (header.intent >= firstCifti && header.intent < firstCifti + 100) {
    throw refusal('it is CIFTI: values of a surface and of grey matter, not a grid of voxels; name a NIfTI volume');
  }
  const type = numberTypes.get(datatype);
  const lengths = lengthsOf(header);
  if (type === undefined) {
    const what = refusedTypes[datatype] ?? `of datatype ${datatype}`;
    throw refusal(`its voxels are ${what}, which is not supported; convert it to 32-bit floats`);
  }
  const bytesPerVoxel = type.bytes * type.components;
  if (bitsPerVoxel !== 8 * bytesPerVoxel) {
    throw new Damage(
      `its header gives ${bitsPerVoxel} bits a voxel for datatype ${datatype}, which has ${8 * bytesPerVoxel}`,
    );
  }
  const size: Triple = [lengths[0] ?? 1, lengths[1] ?? 1, lengths[2] ?? 1];
  const count = lengths.reduce((product, length) => product * length, 1);
  const offset = Math.round(header.offset) || (header.pair ? 0 : 352);
  if (offset < 0 || (!header.pair && offset < 348))
    throw new Damage(`its voxels start at byte ${offset}, within its header`);
  const needed = offset + count * bytesPerVoxel;
  if (needed > bytes.length) throw new Damage(`its header promises ${needed} bytes, but there are ${bytes.length}`);
  const stored = numbersOf(bytes, offset, header.little, type, count * type.components);
  const scaledVoxels = scaled(exactNumbers(stored), header);
  const data = type.components > 1 ? planar(scaledVoxels, type.components) : scaledVoxels;
  const { notes, ...place } = niftiPlace(header, size);
  const channels = (count / (size[0] * size[1] * size[2])) * type.components;
  return { ...place, size, channels, data, ...(notes.length === 0 ? {} : { notes }) };
}

function lengthsOf({ dims }: NiftiHeader): number[] {
  const axes = dims[0]!;
  const lengths = dims.slice(1, 1 + axes);
  if (axes < 1 || axes > 7 || lengths.some((length) => length < 1))
    throw new Damage('its header gives impossible dimensions');
  return lengths;
}

/** The stored numbers as a view of the file if alignment and byte order allow it, else as a copy. */
function numbersOf(
  bytes: Uint8Array,
  offset: number,
  little: boolean,
  { array, bytes: length }: { array: Numbers; bytes: number },
  count: number,
) {
  const part = bytes.subarray(offset, offset + count * length);
  const aligned = part.byteOffset % length === 0;
  const own = aligned && (little || length === 1) ? part : Uint8Array.from(part);
  if (!little && length > 1) swapBytes(Buffer.from(own.buffer, own.byteOffset, own.length), length);
  return new array(own.buffer, own.byteOffset, count);
}

function swapBytes(data: Buffer, length: number): void {
  if (length === 2) data.swap16();
  else if (length === 4) data.swap32();
  else data.swap64();
}

/**
 * `stored · slope + intercept`, unless the slope is 0. Integers of up to 16 bits become 32-bit integers if slope and
 * intercept are whole and small, else 32-bit floats; 32-bit floats stay so, and all others become 64-bit floats.
 */
function scaled(stored: VoxelArray, { slope, intercept }: NiftiHeader): VoxelArray {
  if (slope === 0 || !Number.isFinite(slope) || (slope === 1 && intercept === 0)) return stored;
  if (!Number.isFinite(intercept)) throw new Damage(`its voxels are scaled by ${slope} and shifted by ${intercept}`);
  const small = stored.BYTES_PER_ELEMENT <= 2;
  const whole =
    small && Number.isInteger(slope) && Number.isInteger(intercept) && Math.abs(slope) + Math.abs(intercept) < 32768;
  const result = whole
    ? new Int32Array(stored.length)
    : small || stored instanceof Float32Array
      ? new Float32Array(stored.length)
      : new Float64Array(stored.length);
  for (let index = 0; index < result.length; index++) result[index] = stored[index]! * slope + intercept;
  return result;
}

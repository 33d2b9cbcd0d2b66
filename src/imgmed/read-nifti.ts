import { type NIFTI1, type NIFTI2, readHeader } from 'nifti-reader-js';
import type { Triple, Volume, VoxelArray } from './volume.ts';

type Header = NIFTI1 | NIFTI2;
type NumberType = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => VoxelArray;

/** NIfTI's codes of the number types that a volume holds (nifti1.h). */
const numberTypes = new Map<number, NumberType & { BYTES_PER_ELEMENT: number }>([
  [2, Uint8Array],
  [256, Int8Array],
  [4, Int16Array],
  [512, Uint16Array],
  [8, Int32Array],
  [768, Uint32Array],
  [16, Float32Array],
  [64, Float64Array],
]);

/**
 * Reads the NIfTI files of every day: real numbers on three axes and perhaps a fourth, in millimetres, whose header
 * leaves no doubt about their place. Null for the others (colours, complex numbers, shear, an sform and a qform that
 * disagree), which ITK knows how to read; it takes ten times as long. `bytes` is the unpacked file, and is kept.
 */
export function readPlainNifti(bytes: Uint8Array): Volume | null {
  const header = headerOf(bytes);
  const numberType = header === null ? undefined : numberTypes.get(header.datatypeCode);
  if (header === null || numberType === undefined || !isPlain(header, numberType.BYTES_PER_ELEMENT)) return null;
  const place = placeOf(header);
  if (place === null) return null;
  const size = header.dims.slice(1, 4) as Triple;
  const channels = header.dims[0] === 4 ? header.dims[4]! : 1;
  const count = size[0] * size[1] * size[2] * channels;
  const stored = numbersOf(bytes, header, numberType, count);
  return { ...place, size, channels, data: scaled(stored, header.scl_slope, header.scl_inter) };
}

/** Without what follows the header: extensions say nothing about voxels, and broken ones can loop for good. */
function headerOf(bytes: Uint8Array): Header | null {
  const nifti2 = bytes[4] === 0x6e && bytes[5] === 0x2b;
  const start = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (nifti2 ? 540 : 348)) as ArrayBuffer;
  try {
    return readHeader(start);
  } catch {
    return null;
  }
}

function isPlain(header: Header, bytesPerNumber: number): boolean {
  const { dims, intent_code, xyzt_units, numBitsPerVoxel, vox_offset, magic } = header;
  const spaceUnit = xyzt_units & 7;
  return (
    (dims[0] === 3 || dims[0] === 4) &&
    Number.isInteger(vox_offset) &&
    vox_offset >= 348 &&
    // Vectors, tensors and the like have components where others have times.
    intent_code < 1005 &&
    (spaceUnit === 0 || spaceUnit === 2) &&
    numBitsPerVoxel === 8 * bytesPerNumber &&
    magic.startsWith('n+')
  );
}

/** Where the voxels lie, if sform and qform, as far as they are given, say the same; LPS where NIfTI has RAS. */
function placeOf(header: Header): Omit<Volume, 'size' | 'channels' | 'data'> | null {
  const { affine, pixDims, qform_code, sform_code } = header;
  const spacingMm = pixDims.slice(1, 4) as Triple;
  if (!spacingMm.every((length) => length > 0 && Number.isFinite(length))) return null;
  const fromQuaternion = () =>
    header.convertNiftiQFormToNiftiSForm(
      header.quatern_b,
      header.quatern_c,
      header.quatern_d,
      header.qoffset_x,
      header.qoffset_y,
      header.qoffset_z,
      ...spacingMm,
      pixDims[0]!,
    );
  // The reader's `affine` is the sform only where the sform's code is not the smaller one.
  if (sform_code > 0 && sform_code < qform_code) return null;
  if (sform_code <= 0 && qform_code <= 0) return null;
  const matrix = sform_code > 0 ? affine : fromQuaternion();
  if (sform_code > 0 && qform_code > 0 && !agree(matrix, fromQuaternion())) return null;
  const direction: number[] = [];
  for (let row = 0; row < 3; row++) {
    const sign = row < 2 ? -1 : 1;
    for (let axis = 0; axis < 3; axis++) direction.push((sign * matrix[row]![axis]!) / spacingMm[axis]! + 0);
  }
  if (!isRotation(direction)) return null;
  const originMm = [-matrix[0]![3]! + 0, -matrix[1]![3]! + 0, matrix[2]![3]!] as Triple;
  return { spacingMm, originMm, direction };
}

/** Within what 32-bit quaternions can lose. */
function agree(a: readonly number[][], b: readonly number[][]): boolean {
  return [0, 1, 2].every((row) =>
    [0, 1, 2, 3].every((column) => Math.abs(a[row]![column]! - b[row]![column]!) <= (column < 3 ? 1e-4 : 1e-2)),
  );
}

/** Unit columns at right angles, mirrored or not. */
function isRotation(direction: readonly number[]): boolean {
  for (let a = 0; a < 3; a++) {
    for (let b = a; b < 3; b++) {
      const product = [0, 1, 2].reduce((sum, row) => sum + direction[row * 3 + a]! * direction[row * 3 + b]!, 0);
      if (!(Math.abs(product - (a === b ? 1 : 0)) < 1e-4)) return false;
    }
  }
  return true;
}

/** The stored numbers as a view of the file where they lie right in it, else as a copy. */
function numbersOf(
  bytes: Uint8Array,
  { vox_offset, littleEndian }: Header,
  numberType: NumberType & { BYTES_PER_ELEMENT: number },
  count: number,
): VoxelArray {
  const length = numberType.BYTES_PER_ELEMENT;
  const part = bytes.subarray(vox_offset, vox_offset + count * length);
  const aligned = part.byteOffset % length === 0;
  const own = aligned && (littleEndian || length === 1) ? part : Uint8Array.from(part);
  if (!littleEndian && length > 1) swapBytes(Buffer.from(own.buffer, own.byteOffset, own.length), length);
  return new numberType(own.buffer, own.byteOffset, count);
}

function swapBytes(data: Buffer, length: number): void {
  if (length === 2) data.swap16();
  else if (length === 4) data.swap32();
  else data.swap64();
}

/** `stored · slope + intercept` in floats, where the header asks for it; a slope of 0 means it does not. */
function scaled(stored: VoxelArray, slope: number, intercept: number): VoxelArray {
  if (slope === 0 || (slope === 1 && intercept === 0) || !Number.isFinite(slope) || !Number.isFinite(intercept)) {
    return stored;
  }
  const result = stored instanceof Float64Array ? stored.slice() : new Float32Array(stored.length);
  for (let index = 0; index < result.length; index++) result[index] = stored[index]! * slope + intercept;
  return result;
}

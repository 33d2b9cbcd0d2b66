import { gunzipSync } from 'node:zlib';
import { messageOf } from '../domain/errors.ts';

const largestBytes = 2 ** 32 - 1;

/**
 * What is wrong with the length of a NIfTI file, or null. ITK fills the missing end of a truncated file with
 * zeros and says nothing, so the header's promise is held against the bytes that are there (nifti1.h, nifti2.h).
 */
export function niftiLengthProblem(file: Uint8Array): string | null {
  let bytes = file;
  if (file[0] === 0x1f && file[1] === 0x8b) {
    try {
      bytes = gunzipSync(file, { maxOutputLength: largestBytes });
    } catch (error) {
      return `its compression is broken (${messageOf(error)})`;
    }
  }
  if (bytes.length < 348) return `it has ${bytes.length} bytes, less than a NIfTI header`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = [348, 540].includes(view.getInt32(0, true));
  if (!little && ![348, 540].includes(view.getInt32(0, false))) return 'it does not begin with a NIfTI header';
  const needed = view.getInt32(0, little) === 540 ? nifti2Bytes(view, little) : nifti1Bytes(view, little);
  if (needed === null) return 'its header gives impossible dimensions';
  if (needed > bytes.length) {
    return `its header promises ${needed} bytes, but there are ${bytes.length}`;
  }
  return null;
}

function nifti1Bytes(view: DataView, little: boolean): number | null {
  const lengths = [1, 2, 3, 4, 5, 6, 7].map((axis) => view.getInt16(40 + 2 * axis, little));
  const magic = String.fromCharCode(view.getUint8(344), view.getUint8(345));
  const offset = magic === 'n+' ? view.getFloat32(108, little) : 0;
  return bytesOf(view.getInt16(40, little), lengths, view.getInt16(72, little), offset);
}

function nifti2Bytes(view: DataView, little: boolean): number | null {
  if (view.byteLength < 540) return 540;
  const lengths = [1, 2, 3, 4, 5, 6, 7].map((axis) => Number(view.getBigInt64(16 + 8 * axis, little)));
  const offset = Number(view.getBigInt64(168, little));
  return bytesOf(Number(view.getBigInt64(16, little)), lengths, view.getInt16(14, little), offset);
}

function bytesOf(axes: number, lengths: readonly number[], bits: number, offset: number): number | null {
  if (axes < 1 || axes > 7 || bits < 1 || !(offset >= 0)) return null;
  const used = lengths.slice(0, axes);
  if (used.some((length) => length < 1)) return null;
  return offset + Math.ceil((used.reduce((product, length) => product * length, 1) * bits) / 8);
}

import { gunzipSync } from 'node:zlib';
import { messageOf } from '../domain/errors.ts';

const largestBytes = 2 ** 32 - 1;

/** What ITK does not say about a NIfTI file. */
export interface NiftiFacts {
  /** What is wrong with its length, or null: ITK fills the missing end of a truncated file with zeros. */
  problem: string | null;
  /** Numbers of the voxels that are NaN or infinite: ITK's reader replaces them with zero. */
  notFinite: number[];
}

/** Holds the header's promise against the bytes that are there (nifti1.h, nifti2.h). */
export function inspectNifti(file: Uint8Array): NiftiFacts {
  let bytes = file;
  if (file[0] === 0x1f && file[1] === 0x8b) {
    try {
      bytes = gunzipSync(file, { maxOutputLength: largestBytes });
    } catch (error) {
      return { problem: `its compression is broken (${messageOf(error)})`, notFinite: [] };
    }
  }
  if (bytes.length < 348) return { problem: `it has ${bytes.length} bytes, less than a NIfTI header`, notFinite: [] };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = [348, 540].includes(view.getInt32(0, true));
  if (!little && ![348, 540].includes(view.getInt32(0, false)))
    return { problem: 'it does not begin with a NIfTI header', notFinite: [] };
  const needed = view.getInt32(0, little) === 540 ? nifti2Bytes(view, little) : nifti1Bytes(view, little);
  if (needed === null) return { problem: 'its header gives impossible dimensions', notFinite: [] };
  if (needed > bytes.length) {
    return { problem: `its header promises ${needed} bytes, but there are ${bytes.length}`, notFinite: [] };
  }
  return { problem: null, notFinite: notFiniteVoxels(view, little) };
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

/** Float32 (datatype 16) and float64 (64) voxels that are no numbers. */
function notFiniteVoxels(view: DataView, little: boolean): number[] {
  const first = view.getInt32(0, little) === 540;
  const datatype = view.getInt16(first ? 12 : 70, little);
  const length = datatype === 16 ? 4 : datatype === 64 ? 8 : 0;
  const magic = String.fromCharCode(view.getUint8(344), view.getUint8(345));
  const offset = first ? Number(view.getBigInt64(168, little)) : magic === 'n+' ? view.getFloat32(108, little) : null;
  const voxels: number[] = [];
  if (length === 0 || offset === null) return voxels;
  const count = Math.max(0, Math.floor((view.byteLength - offset) / length));
  for (let voxel = 0; voxel < count; voxel++) {
    const at = offset + voxel * length;
    if (!Number.isFinite(length === 4 ? view.getFloat32(at, little) : view.getFloat64(at, little))) voxels.push(voxel);
  }
  return voxels;
}

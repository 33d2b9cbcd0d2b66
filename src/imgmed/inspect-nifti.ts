import { gunzipSync } from 'node:zlib';
import { messageOf } from '../domain/errors.ts';

const largestBytes = 2 ** 32 - 1;

/** The bytes of a NIfTI file, unpacked where it is compressed. */
export function unpackNifti(file: Uint8Array): Uint8Array {
  if (file[0] !== 0x1f || file[1] !== 0x8b) return file;
  try {
    return gunzipSync(file, { maxOutputLength: largestBytes });
  } catch (error) {
    throw new Error(`its compression is broken (${messageOf(error)})`, { cause: error });
  }
}

/** What is wrong with the header or the length, or null: ITK fills the missing end of a truncated file with zeros. */
export function niftiProblem(bytes: Uint8Array): string | null {
  if (bytes.length < 348) return `it has ${bytes.length} bytes, less than a NIfTI header`;
  const view = viewOf(bytes);
  const little = isLittle(view);
  if (!little && ![348, 540].includes(view.getInt32(0, false))) return 'it does not begin with a NIfTI header';
  const needed = view.getInt32(0, little) === 540 ? nifti2Bytes(view, little) : nifti1Bytes(view, little);
  if (needed === null) return 'its header gives impossible dimensions';
  return needed > bytes.length ? `its header promises ${needed} bytes, but there are ${bytes.length}` : null;
}

/** Numbers of the voxels that are NaN or infinite, of 32- and 64-bit floats: ITK's reader replaces them with zero. */
export function notFiniteVoxels(bytes: Uint8Array): number[] {
  const view = viewOf(bytes);
  const little = isLittle(view);
  const second = view.getInt32(0, little) === 540;
  const datatype = view.getInt16(second ? 12 : 70, little);
  const length = datatype === 16 ? 4 : datatype === 64 ? 8 : 0;
  const magic = String.fromCharCode(view.getUint8(344), view.getUint8(345));
  const offset = second ? Number(view.getBigInt64(168, little)) : magic === 'n+' ? view.getFloat32(108, little) : null;
  const voxels: number[] = [];
  if (length === 0 || offset === null) return voxels;
  const count = Math.max(0, Math.floor((view.byteLength - offset) / length));
  for (let voxel = 0; voxel < count; voxel++) {
    const at = offset + voxel * length;
    if (!Number.isFinite(length === 4 ? view.getFloat32(at, little) : view.getFloat64(at, little))) voxels.push(voxel);
  }
  return voxels;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isLittle(view: DataView): boolean {
  return [348, 540].includes(view.getInt32(0, true));
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

import { Damage, refusal } from '../refusal.ts';

/** Contents of a NIfTI-1 or NIfTI-2 header (nifti1.h, nifti2.h). */
export interface NiftiHeader {
  little: boolean;
  /** Number of axes, then their lengths. */
  dims: number[];
  datatype: number;
  bitsPerVoxel: number;
  /** Byte at which the voxels start; for a pair of files, in the second. */
  offset: number;
  slope: number;
  intercept: number;
  /** `qfac`, then the spacing of each axis; `spaceUnit` is the unit of the first three. */
  pixdim: number[];
  qformCode: number;
  sformCode: number;
  /** b, c, d. */
  quaternion: [number, number, number];
  qoffset: [number, number, number];
  /** Three rows of four. */
  sform: number[][];
  spaceUnit: number;
  intent: number;
  /** Whether the voxels are in a file of their own. */
  pair: boolean;
}

/** Parses the header. Throws `Damage` where there is none. */
export function niftiHeader(bytes: Uint8Array): NiftiHeader {
  if (bytes.length < 348) throw new Damage(`it has ${bytes.length} bytes, less than a NIfTI header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sizes = [348, 540];
  const little = sizes.includes(view.getInt32(0, true));
  if (!little && !sizes.includes(view.getInt32(0, false))) throw new Damage('it does not begin with a NIfTI header');
  const second = view.getInt32(0, little) === 540;
  if (second && bytes.length < 540) throw new Damage(`its header promises 540 bytes, but there are ${bytes.length}`);
  const magic = Buffer.from(bytes.buffer, bytes.byteOffset + (second ? 4 : 344), 3).toString('latin1');
  if (!/^n[i+]/.test(magic)) {
    throw refusal(
      'it is ANALYZE 7.5, which does not say which side is left; convert it to NIfTI with the program that wrote it',
    );
  }
  const real = (first: number, other: number, n = 0) =>
    second ? view.getFloat64(other + 8 * n, little) : view.getFloat32(first + 4 * n, little);
  const code = (first: number, other: number) => (second ? view.getInt32(other, little) : view.getInt16(first, little));
  const axis = (n: number) =>
    second ? Number(view.getBigInt64(16 + 8 * n, little)) : view.getInt16(40 + 2 * n, little);
  const eight = Array.from({ length: 8 }, (_, n) => n);
  const triple = (first: number, other: number): [number, number, number] => [
    real(first, other, 0),
    real(first, other, 1),
    real(first, other, 2),
  ];
  return {
    little,
    dims: eight.map(axis),
    datatype: view.getInt16(second ? 12 : 70, little),
    bitsPerVoxel: view.getInt16(second ? 14 : 72, little),
    offset: second ? Number(view.getBigInt64(168, little)) : view.getFloat32(108, little),
    slope: real(112, 176),
    intercept: real(116, 184),
    pixdim: eight.map((n) => real(76, 104, n)),
    qformCode: code(252, 344),
    sformCode: code(254, 348),
    quaternion: triple(256, 352),
    qoffset: triple(268, 376),
    sform: [0, 1, 2].map((row) => [0, 1, 2, 3].map((column) => real(280, 400, 4 * row + column))),
    spaceUnit: (second ? view.getInt32(500, little) : view.getUint8(123)) & 7,
    intent: code(68, 504),
    pair: /^n[i]/.test(magic),
  };
}

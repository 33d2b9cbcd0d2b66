/** What a NIfTI file is to hold; everything left out is as in most files. */
export interface NiftiFileOptions {
  /** NIfTI's code of the number type. */
  datatype: number;
  /** Bytes of one number. */
  bytes: number;
  values: number[];
  dims?: number[];
  littleEndian?: boolean;
  version?: 1 | 2;
  slope?: number;
  intercept?: number;
  spacing?: [number, number, number];
  qformCode?: number;
  sformCode?: number;
  /** b, c, d. */
  quaternion?: [number, number, number];
  offset?: [number, number, number];
  qfac?: 1 | -1;
  /** Rows of the affine; left out: what the quaternion says about 0 rotation. */
  sform?: number[][];
  spaceUnit?: number;
  intent?: number;
}

/** A NIfTI file byte by byte (nifti1.h, nifti2.h), so that headers can hold what no writer would write. */
export function niftiFile(options: NiftiFileOptions): Buffer {
  const { datatype, bytes, values, dims = [3, 4, 3, 2], littleEndian: little = true, version = 1 } = options;
  const { spacing = [1, 2, 3], offset = [5, -6, 7], quaternion = [0, 0, 0], qfac = 1, spaceUnit = 2 } = options;
  const second = version === 2;
  const start = second ? 544 : 352;
  const file = Buffer.alloc(start + bytes * values.length);
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const real = (at: readonly [number, number], index: number, value: number) =>
    second ? view.setFloat64(at[1] + 8 * index, value, little) : view.setFloat32(at[0] + 4 * index, value, little);
  const code = (at: readonly [number, number], value: number) =>
    second ? view.setInt32(at[1], value, little) : view.setInt16(at[0], value, little);
  view.setInt32(0, second ? 540 : 348, little);
  file.write(second ? 'n+2\0\r\n\u001a\n' : 'n+1\0', second ? 4 : 344, 'latin1');
  for (let axis = 0; axis < 8; axis++) {
    const length = dims[axis] ?? 1;
    if (second) view.setBigInt64(16 + 8 * axis, BigInt(length), little);
    else view.setInt16(40 + 2 * axis, length, little);
    real([76, 104], axis, axis === 0 ? qfac : (spacing[axis - 1] ?? 1));
  }
  view.setInt16(second ? 12 : 70, datatype, little);
  view.setInt16(second ? 14 : 72, 8 * bytes, little);
  if (second) view.setBigInt64(168, BigInt(start), little);
  else view.setFloat32(108, start, little);
  real([112, 176], 0, options.slope ?? 1);
  real([116, 184], 0, options.intercept ?? 0);
  if (second) view.setInt32(500, spaceUnit, little);
  else view.setUint8(123, spaceUnit);
  code([68, 504], options.intent ?? 0);
  code([252, 344], options.qformCode ?? 1);
  code([254, 348], options.sformCode ?? 1);
  for (const [index, value] of [...quaternion, ...offset].entries()) real([256, 352], index, value);
  const plain = [0, 1, 2].map((row) =>
    [0, 1, 2, 3].map((c) => (c === 3 ? offset[row]! : c === row ? spacing[row]! : 0)),
  );
  for (const [index, value] of (options.sform ?? plain).flat().entries()) real([280, 400], index, value);
  for (const [index, value] of values.entries()) writeNumber(view, start + bytes * index, datatype, value, little);
  return file;
}

function writeNumber(view: DataView, at: number, datatype: number, value: number, little: boolean): void {
  if (datatype === 2) view.setUint8(at, value);
  else if (datatype === 256) view.setInt8(at, value);
  else if (datatype === 4) view.setInt16(at, value, little);
  else if (datatype === 512) view.setUint16(at, value, little);
  else if (datatype === 8) view.setInt32(at, value, little);
  else if (datatype === 768) view.setUint32(at, value, little);
  else if (datatype === 16) view.setFloat32(at, value, little);
  else view.setFloat64(at, value, little);
}

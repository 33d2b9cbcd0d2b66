import { gzipSync } from 'node:zlib';
import type { Volume, VoxelArray } from '../volume/volume.ts';
import { shearOf } from './nifti-place.ts';

const datatypes: Record<string, number> = {
  Uint8Array: 2,
  Int8Array: 256,
  Int16Array: 4,
  Uint16Array: 512,
  Int32Array: 8,
  Uint32Array: 768,
  Float32Array: 16,
  Float64Array: 64,
};

const [scannerAnatomical, millimetres] = [1, 2];

/** A volume as a NIfTI-1 file: its affine as the sform, and as the qform where no axis is sheared. Channels are the fourth axis. */
export function niftiBytes(volume: Volume, compressed: boolean): Uint8Array {
  const { size, channels, data, spacingMm, originMm, direction } = volume;
  const file = Buffer.alloc(352 + data.byteLength);
  const datatype = datatypes[data.constructor.name]!;
  file.writeInt32LE(348, 0);
  const dims = [channels > 1 ? 4 : 3, ...size, channels, 1, 1, 1];
  for (const [axis, length] of dims.entries()) file.writeInt16LE(length, 40 + 2 * axis);
  file.writeInt16LE(datatype, 70);
  file.writeInt16LE(8 * data.BYTES_PER_ELEMENT, 72);
  const straight = shearOf(direction) < 1e-5;
  // From LPS to RAS.
  const ras = direction.map((value, index) => (index < 6 ? -value + 0 : value));
  const origin = originMm.map((value, row) => (row < 2 ? -value + 0 : value));
  const mirrored = determinant(ras) < 0;
  for (const [axis, length] of [mirrored ? -1 : 1, ...spacingMm, 1, 1, 1, 1].entries())
    file.writeFloatLE(length, 76 + 4 * axis);
  file.writeFloatLE(352, 108);
  file.writeFloatLE(1, 112);
  file.writeUInt8(millimetres, 123);
  file.writeInt16LE(straight ? scannerAnatomical : 0, 252);
  file.writeInt16LE(scannerAnatomical, 254);
  const rotation = ras.map((value, index) => (mirrored && index % 3 === 2 ? -value : value));
  const place = [...quaternionOf(rotation), ...origin];
  for (const [index, value] of place.entries()) if (straight || index > 2) file.writeFloatLE(value, 256 + 4 * index);
  for (let row = 0; row < 3; row++) {
    for (let axis = 0; axis < 3; axis++)
      file.writeFloatLE(ras[row * 3 + axis]! * spacingMm[axis]!, 280 + 16 * row + 4 * axis);
    file.writeFloatLE(origin[row]!, 292 + 16 * row);
  }
  file.write('n+1\0', 344, 'latin1');
  file.set(bytesOf(data), 352);
  return compressed ? gzipSync(file) : file;
}

function bytesOf(data: VoxelArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function determinant(m: readonly number[]): number {
  const minor = (a: number, b: number) => m[3 + a]! * m[6 + b]! - m[3 + b]! * m[6 + a]!;
  return m[0]! * minor(1, 2) - m[1]! * minor(0, 2) + m[2]! * minor(0, 1);
}

/** b, c and d of the unit quaternion of a rotation (row-major), with a ≥ 0. */
function quaternionOf(r: readonly number[]): [number, number, number] {
  const at = (row: number, column: number) => r[row * 3 + column]!;
  const trace = at(0, 0) + at(1, 1) + at(2, 2);
  if (trace > 0) {
    const s = 2 * Math.sqrt(trace + 1);
    return [(at(2, 1) - at(1, 2)) / s, (at(0, 2) - at(2, 0)) / s, (at(1, 0) - at(0, 1)) / s];
  }
  const i = [0, 1, 2].reduce((best, axis) => (at(axis, axis) > at(best, best) ? axis : best), 0);
  const [j, k] = [(i + 1) % 3, (i + 2) % 3];
  const s = 2 * Math.sqrt(Math.max(0, 1 + at(i, i) - at(j, j) - at(k, k)));
  const a = (at(k, j) - at(j, k)) / s;
  const sign = a < 0 ? -1 : 1;
  const result: [number, number, number] = [0, 0, 0];
  result[i] = (sign * s) / 4;
  result[j] = (sign * (at(j, i) + at(i, j))) / s;
  result[k] = (sign * (at(k, i) + at(i, k))) / s;
  return result;
}

import type { StoredFile } from './manifest.ts';

/** Stored bytes, little endian, as intensities. */
export function decodeIntensities(data: Buffer, { dtype, scale = 1, offset = 0 }: StoredFile): Float32Array {
  const values = decoders[dtype](data);
  if (scale !== 1 || offset !== 0) {
    for (let index = 0; index < values.length; index++) values[index] = values[index]! * scale + offset;
  }
  return values;
}

const decoders: Record<StoredFile['dtype'], (data: Buffer) => Float32Array> = {
  uint8: (data) => Float32Array.from(data),
  float32: (data) => Float32Array.from({ length: data.length / 4 }, (_, index) => data.readFloatLE(index * 4)),
  float16: (data) =>
    Float32Array.from({ length: data.length / 2 }, (_, index) => float16(data.readUInt16LE(index * 2))),
};

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

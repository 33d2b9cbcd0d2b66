import type { StoredFile } from './manifest.ts';

export const bytesPerValue = { float16: 2, float32: 4, uint8: 1 } as const;

/** Decodes stored bytes (little endian, whole values only) to intensities, written to `into` from index `at` on. */
export function decodeIntensities(
  bytes: Buffer,
  { dtype, scale = 1, offset = 0 }: Pick<StoredFile, 'dtype' | 'scale' | 'offset'>,
  into: Float32Array,
  at = 0,
): void {
  const count = bytes.length / bytesPerValue[dtype];
  const valueAt = readers[dtype](bytes);
  for (let index = 0; index < count; index++) into[at + index] = valueAt(index);
  if (scale === 1 && offset === 0) return;
  for (let index = at; index < at + count; index++) into[index] = into[index]! * scale + offset;
}

const readers: Record<StoredFile['dtype'], (bytes: Buffer) => (index: number) => number> = {
  uint8: (bytes) => (index) => bytes[index]!,
  float32: (bytes) => (index) => bytes.readFloatLE(index * 4),
  float16: (bytes) => {
    halves ??= Float32Array.from({ length: 0x10000 }, (_, bits) => float16(bits));
    const table = halves;
    return (index) => table[bytes[2 * index]! | (bytes[2 * index + 1]! << 8)]!;
  },
};

/** The value of every binary16, indexed by its bits. */
let halves: Float32Array | undefined;

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

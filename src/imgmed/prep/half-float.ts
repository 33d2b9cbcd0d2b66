/** Values as IEEE 754 binary16 bits, rounded to nearest even; magnitudes of 65520 and more become infinite. */
export function toHalfFloats(values: Float32Array, result = new Uint16Array(values.length)): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    const exponent = (word >>> 23) & 0xff;
    result[index] =
      exponent > 112 && exponent < 143
        ? // A carry out of the fraction rightly raises the exponent.
          ((word >>> 16) & 0x8000) | (((word & 0x7fffffff) - 0x38000000 + 0xfff + ((word >>> 13) & 1)) >>> 13)
        : rareHalf(word, exponent);
  }
  return result;
}

/** Zero, subnormal and very large numbers, infinities and NaN. */
function rareHalf(word: number, exponent: number): number {
  const sign = (word >>> 16) & 0x8000;
  const fraction = word & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const half = exponent - 112;
  if (half >= 31) return sign | 0x7c00;
  if (half < -10) return sign;
  if (half <= 0) return sign | roundedShift(fraction | 0x800000, 14 - half);
  return sign + (half << 10) + roundedShift(fraction, 13);
}

function roundedShift(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return rest > middle || (rest === middle && (kept & 1) === 1) ? kept + 1 : kept;
}

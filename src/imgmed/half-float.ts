const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** A number as IEEE 754 binary16 bits, rounded to nearest even; beyond ±65504 it becomes infinite. */
export function halfBits(value: number): number {
  floats[0] = value;
  const word = bits[0]!;
  const sign = (word >>> 16) & 0x8000;
  const exponent = (word >>> 23) & 0xff;
  const fraction = word & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const half = exponent - 112;
  if (half >= 31) return sign | 0x7c00;
  if (half <= 0) {
    if (half < -10) return sign;
    return sign | roundedShift(fraction | 0x800000, 14 - half);
  }
  // A carry out of the fraction rightly raises the exponent.
  return sign + (half << 10) + roundedShift(fraction, 13);
}

function roundedShift(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return rest > middle || (rest === middle && (kept & 1) === 1) ? kept + 1 : kept;
}

export function toHalfFloats(values: Float32Array): Uint16Array {
  const result = new Uint16Array(values.length);
  for (let index = 0; index < values.length; index++) result[index] = halfBits(values[index]!);
  return result;
}

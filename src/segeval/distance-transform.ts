/**
 * Exact Euclidean distance, in the unit of `spacing`, from every voxel to the nearest voxel where `target` is
 * non-zero (Felzenszwalb & Huttenlocher 2012, one axis after the other). `size` gives the axes, first one
 * fastest. Without any target every distance is Infinity.
 */
export function distanceTransform(
  target: Uint8Array,
  size: readonly number[],
  spacing: readonly number[],
): Float64Array {
  const squared = new Float64Array(target.length);
  for (let index = 0; index < target.length; index++) squared[index] = target[index] === 0 ? Infinity : 0;
  let stride = 1;
  for (let axis = 0; axis < size.length; axis++) {
    if (size[axis]! > 1) lowerEnvelopes(squared, size[axis]!, stride, spacing[axis]!);
    stride *= size[axis]!;
  }
  for (let index = 0; index < squared.length; index++) squared[index] = Math.sqrt(squared[index]!);
  return squared;
}

/** min over q of ((p − q)·spacing)² + f(q) along every line of one axis, in place. */
function lowerEnvelopes(values: Float64Array, length: number, stride: number, spacing: number): void {
  const line = new Float64Array(length);
  const centres = new Int32Array(length);
  const borders = new Float64Array(length + 1);
  const unit = spacing * spacing;
  const lines = values.length / length;
  for (let number = 0; number < lines; number++) {
    const start = Math.floor(number / stride) * stride * length + (number % stride);
    let last = -1;
    for (let q = 0; q < length; q++) {
      const value = values[start + q * stride]!;
      line[q] = value;
      if (value === Infinity) continue;
      let border = -Infinity;
      while (last >= 0) {
        const p = centres[last]!;
        border = (value - line[p]! + unit * (q * q - p * p)) / (2 * unit * (q - p));
        if (border > borders[last]!) break;
        last -= 1;
        border = -Infinity;
      }
      last += 1;
      centres[last] = q;
      borders[last] = border;
    }
    if (last < 0) continue;
    let parabola = 0;
    for (let p = 0; p < length; p++) {
      while (parabola < last && borders[parabola + 1]! < p) parabola += 1;
      const q = centres[parabola]!;
      values[start + p * stride] = unit * (p - q) * (p - q) + line[q]!;
    }
  }
}

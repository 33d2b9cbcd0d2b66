/** Farther than any voxel along one axis: marks a line without a target. */
const none = 0xffff;

/**
 * Exact Euclidean distances, in the unit of `spacing`, from every voxel to the nearest voxel where `target` is
 * non-zero, over two or three axes, the first one fastest: along the last axis first, then slice by slice
 * (Felzenszwalb & Huttenlocher 2012). `visit` gets each slice of the last axis with the index of its first voxel; the
 * array is reused for the next slice, so that memory is 16 bits per voxel. The last axis must have fewer than 65,535
 * voxels. Without any target every distance is Infinity.
 */
export function eachDistanceSlice(
  target: Uint8Array,
  size: readonly number[],
  spacing: readonly number[],
  visit: (distances: Float64Array, first: number) => void,
): void {
  const [width, height, depth] = [size[0]!, size[1] ?? 1, size[2] ?? 1];
  const pixels = width * height;
  const steps = stepsAlongLastAxis(target, pixels, depth);
  const slice = new Float64Array(pixels);
  for (let k = 0; k < depth; k++) {
    const first = k * pixels;
    for (let pixel = 0; pixel < pixels; pixel++) {
      const count = steps[first + pixel]!;
      slice[pixel] = count === none ? Infinity : (count * (spacing[2] ?? 1)) ** 2;
    }
    if (width > 1) lowerEnvelopes(slice, width, 1, spacing[0]!);
    if (height > 1) lowerEnvelopes(slice, height, width, spacing[1]!);
    for (let pixel = 0; pixel < pixels; pixel++) slice[pixel] = Math.sqrt(slice[pixel]!);
    visit(slice, first);
  }
}

/** Voxels to the nearest target along the last axis. */
function stepsAlongLastAxis(target: Uint8Array, pixels: number, depth: number): Uint16Array {
  const steps = new Uint16Array(target.length).fill(none);
  for (let index = 0; index < target.length; index++) {
    if (target[index] !== 0) steps[index] = 0;
    else if (index >= pixels && steps[index - pixels] !== none) steps[index] = steps[index - pixels]! + 1;
  }
  for (let index = pixels * (depth - 1) - 1; index >= 0; index--) {
    const behind = steps[index + pixels]!;
    if (behind !== none && behind + 1 < steps[index]!) steps[index] = behind + 1;
  }
  return steps;
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

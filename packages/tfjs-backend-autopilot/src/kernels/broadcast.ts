/** Two operands over one output, with dimensions merged where both are contiguous. Outermost first. */
export interface Broadcast {
  dims: number[];
  left: number[];
  right: number[];
}

/**
 * The shortest description of a broadcast: strides in elements, 0 where an operand repeats. A bias added to images
 * needs two dimensions, equal shapes one.
 */
export function planBroadcast(left: readonly number[], right: readonly number[], out: readonly number[]): Broadcast {
  const a = strides(left, out);
  const b = strides(right, out);
  const plan: Broadcast = { dims: [], left: [], right: [] };
  for (let i = out.length - 1; i >= 0; i--) {
    const size = out[i]!;
    if (size === 1) continue;
    const [inner, x, y] = [plan.dims[0], plan.left[0], plan.right[0]];
    if (inner !== undefined && a[i] === x! * inner && b[i] === y! * inner) plan.dims[0] = inner * size;
    else {
      plan.dims.unshift(size);
      plan.left.unshift(a[i]!);
      plan.right.unshift(b[i]!);
    }
  }
  if (plan.dims.length === 0) return { dims: [1], left: [1], right: [1] };
  return plan;
}

/** Row-major strides of `shape` for the dimensions of `out`: 0 for those that have size 1 or are missing in `shape`. */
export function strides(shape: readonly number[], out: readonly number[]): number[] {
  const result = new Array<number>(out.length).fill(0);
  let step = 1;
  for (let i = shape.length - 1, j = out.length - 1; i >= 0; i--, j--) {
    if (shape[i] !== 1) result[j] = step;
    step *= shape[i]!;
  }
  return result;
}

/** Pads on the left to `rank` values. */
export function padLeft(values: readonly number[], rank: number, value: number): number[] {
  return [...new Array<number>(rank - values.length).fill(value), ...values];
}

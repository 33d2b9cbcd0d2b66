import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatherSlices, type SliceGrid } from '../../src/imgmed/prep/cut-slices.ts';
import { toHalfFloats } from '../../src/imgmed/prep/half-float.ts';
import { axisTaps } from '../../src/imgmed/volume/axis-taps.ts';
import { resizeGrid, resizeNearest, resizeStrongest } from '../../src/imgmed/volume/resample.ts';
import { splineFilterLine } from '../../src/imgmed/volume/spline-filter.ts';

const length = fc.integer({ min: 1, max: 9 });
const sizes = fc.tuple(length, length, length);
const count = (size: readonly number[]) => size.reduce((product, axis) => product * axis, 1);
const ramp = (size: readonly number[]) => Float32Array.from({ length: count(size) }, (_, index) => (index * 37) % 101);

/** One output value straight from the definition: the product of the three axes' weights, summed. */
function slowResize(
  data: Float32Array,
  from: readonly number[],
  to: readonly number[],
  order: 0 | 1,
  antialias: boolean,
): number[] {
  const taps = from.map((axis, index) => axisTaps({ from: axis, to: to[index]!, order, antialias }));
  const result: number[] = [];
  for (let k = 0; k < to[2]!; k++) {
    for (let j = 0; j < to[1]!; j++) {
      for (let i = 0; i < to[0]!; i++) {
        let sum = 0;
        const at = [i, j, k];
        const tap = (axis: number, number: number) => at[axis]! * taps[axis]!.width + number;
        for (let a = 0; a < taps[0]!.width; a++) {
          for (let b = 0; b < taps[1]!.width; b++) {
            for (let c = 0; c < taps[2]!.width; c++) {
              const [x, y, z] = [a, b, c].map((number, axis) => taps[axis]!.indices[tap(axis, number)]!);
              const weights = [a, b, c].map((number, axis) => taps[axis]!.weights[tap(axis, number)]!);
              sum += count(weights) * data[(z! * from[1]! + y!) * from[0]! + x!]!;
            }
          }
        }
        result.push(sum);
      }
    }
  }
  return result;
}

describe('resizing', () => {
  it('axis by axis is the weighted sum over all three', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.boolean(), (from, to, antialias) => {
        const fast = resizeGrid(ramp(from), from, to, { order: 1, antialias });
        const slow = slowResize(ramp(from), from, to, 1, antialias);
        for (const [index, value] of slow.entries()) expect(fast[index]).toBeCloseTo(value, 3);
      }),
    );
  });

  it('to the nearest takes the same sample in every number type', () => {
    fc.assert(
      fc.property(sizes, sizes, (from, to) => {
        const slow = slowResize(ramp(from), from, to, 0, false);
        expect([...resizeGrid(ramp(from), from, to, { order: 0 })]).toEqual(slow);
        expect([...resizeNearest(Uint8Array.from(ramp(from)), from, to)]).toEqual(slow);
      }),
    );
  });

  it('of classes gives the class with the largest share, the first of two that are equal', () => {
    const numbers = Uint8Array.from([0, 0, 2, 2, 1, 1]);
    expect([...resizeStrongest(numbers, [6], [12], 3)]).toEqual([0, 0, 0, 0, 2, 2, 2, 2, 1, 1, 1, 1]);
    expect(resizeStrongest(numbers, [6], [6], 3)).toBe(numbers);
  });
});

it('cuts slices along any axis as a plain loop does', () => {
  fc.assert(
    fc.property(fc.tuple(length, fc.integer({ min: 1, max: 40 }), length), fc.constantFrom(0, 1, 2), (size, axis) => {
      const [columns, rows] = [0, 1, 2].filter((other) => other !== axis) as [number, number];
      const positions = [...new Set([0, size[axis]! >> 1, size[axis]! - 1])];
      const grid = { axis, columns, rows, positions } as SliceGrid;
      const data = ramp(size);
      const expected: number[] = [];
      for (const position of positions) {
        for (let row = 0; row < size[rows]!; row++) {
          for (let column = 0; column < size[columns]!; column++) {
            const at = [0, 0, 0];
            [at[axis], at[rows], at[columns]] = [position, row, column];
            expected.push(data[(at[2]! * size[1] + at[1]!) * size[0] + at[0]!]!);
          }
        }
      }
      expect([...gatherSlices(data, { size }, grid)]).toEqual(expected);
    }),
  );
});

describe('16-bit floats', () => {
  /** IEEE 754 binary16 read back. */
  function readHalf(bits: number): number {
    const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 0x3ff];
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  const all = Array.from({ length: 0x7c00 }, (_, bits) => bits);

  it('keep every value that they can hold', () => {
    for (const sign of [0, 0x8000]) {
      const kept = toHalfFloats(Float32Array.from(all, (bits) => readHalf(bits | sign)));
      expect([...kept]).toEqual(all.map((bits) => bits | sign));
    }
  });

  it('round to the nearest, and to the even one from the middle', () => {
    const above = all.slice(0, -1);
    const between = (share: number) =>
      Float32Array.from(above, (bits) => readHalf(bits) + share * (readHalf(bits + 1) - readHalf(bits)));
    expect([...toHalfFloats(between(0.49))]).toEqual(above);
    expect([...toHalfFloats(between(0.51))]).toEqual(above.map((bits) => bits + 1));
    expect([...toHalfFloats(between(0.5))]).toEqual(above.map((bits) => bits + (bits & 1)));
  });

  it('become infinite beyond 65504, and stay NaN', () => {
    const [most, tooMuch, huge, none] = toHalfFloats(Float32Array.of(65519, 65520, 1e30, Number.NaN));
    expect([most, tooMuch, huge].map((bits) => readHalf(bits!))).toEqual([
      65504,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
    expect(readHalf(none!)).toBeNaN();
  });
});

it('cubic splines pass through the samples of a line of any length, mirrored at its ends', () => {
  const samples = fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(samples, (values) => {
      const coefficients = Float64Array.from(values);
      splineFilterLine(coefficients);
      const at = (index: number) => coefficients[Math.min(Math.max(index, 0), values.length - 1)]!;
      // A cubic B-spline is 1/6, 4/6, 1/6 at its knots.
      for (const [index, value] of values.entries())
        expect((at(index - 1) + 4 * at(index) + at(index + 1)) / 6).toBeCloseTo(value, 9);
    }),
  );
});

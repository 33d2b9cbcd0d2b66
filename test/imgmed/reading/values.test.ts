import { describe, expect, it } from 'vitest';
import { type AugmentOptions, augmentSlice, type Slice } from '../../../src/imgmed/augment.ts';
import { resizeClasses } from '../../../src/imgmed/prep/cut-slices.ts';
import { randomFor } from '../../../src/imgmed/random.ts';
import { boundingBox, crop, widenBox } from '../../../src/imgmed/volume/crop.ts';
import { normalize } from '../../../src/imgmed/volume/normalize.ts';
import { sampleMask } from '../sample-volume.ts';

const still: AugmentOptions = { rotationDegrees: 0, zoom: [1, 1], translationPx: 0, flips: [], noise: 0 };

/** One bright pixel right of and above the centre of 65 × 65. */
function dot(x: number, y: number): Slice {
  const slice = {
    height: 65,
    width: 65,
    channels: 1,
    image: new Float32Array(65 * 65),
    labels: new Uint8Array(65 * 65),
  };
  for (const [dx, dy] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ] as const) {
    slice.image[(y + dy) * 65 + x + dx] = 1;
    slice.labels[(y + dy) * 65 + x + dx] = 1;
  }
  return slice;
}

/** The label's centre relative to the slice's. */
function centre({ labels }: Slice): { x: number; y: number; area: number } {
  let [x, y, area] = [0, 0, 0];
  labels.forEach((label, pixel) => {
    x += label * ((pixel % 65) - 32);
    y += label * (Math.floor(pixel / 65) - 32);
    area += label;
  });
  return { x: x / area, y: y / area, area };
}

const many = (options: Partial<AugmentOptions>, slice = dot(44, 32)) =>
  Array.from({ length: 300 }, (_, index) => centre(augmentSlice(slice, { ...still, ...options }, randomFor(1, index))));

describe('augmentation of thesis Table 2.1', () => {
  it('changes nothing when every range is empty', () => {
    expect(augmentSlice(dot(40, 20), still, randomFor(1))).toEqual(dot(40, 20));
  });

  it('turns by −45° to 45° and keeps the distance from the centre', () => {
    const turned = many({ rotationDegrees: 45 });
    const degrees = turned.map(({ x, y }) => (Math.atan2(y, x) * 180) / Math.PI);
    expect(Math.max(...degrees)).toBeLessThan(47);
    expect(Math.min(...degrees)).toBeGreaterThan(-47);
    expect(Math.max(...degrees)).toBeGreaterThan(40);
    expect(Math.min(...degrees)).toBeLessThan(-40);
    for (const { x, y } of turned) expect(Math.abs(Math.hypot(x, y) - 12)).toBeLessThan(0.8);
  });

  it('zooms by 0.8 to 1.2', () => {
    const factors = many({ zoom: [0.8, 1.2] }).map(({ x }) => x / 12);
    expect(Math.min(...factors)).toBeGreaterThan(0.76);
    expect(Math.max(...factors)).toBeLessThan(1.24);
    expect(Math.min(...factors)).toBeLessThan(0.84);
    expect(Math.max(...factors)).toBeGreaterThan(1.16);
  });

  it('moves by 0 to 25.6 pixels along one axis at a time', () => {
    const moved = many({ translationPx: 25.6 }, dot(32, 32));
    for (const { x, y } of moved) expect(Math.min(Math.abs(x), Math.abs(y))).toBe(0);
    for (const component of ['x', 'y'] as const) {
      const shifts = moved.map((entry) => entry[component]);
      expect(Math.max(...shifts)).toBeGreaterThan(23);
      expect(Math.max(...shifts)).toBeLessThanOrEqual(26);
      expect(Math.min(...shifts)).toBeGreaterThanOrEqual(0);
    }
  });

  it('mirrors half of the slices, and noise has its deviation and leaves labels alone', () => {
    const mirrored = many({ flips: ['horizontal'] }).filter(({ x }) => x === -12).length;
    expect(mirrored).toBeGreaterThan(110);
    expect(mirrored).toBeLessThan(190);
    const noisy = augmentSlice(dot(32, 32), { ...still, noise: 0.5 }, randomFor(2));
    expect(noisy.labels).toEqual(dot(32, 32).labels);
    const differences = noisy.image.map((value, index) => value - dot(32, 32).image[index]!);
    const variance = differences.reduce((sum, value) => sum + value * value, 0) / differences.length;
    expect(Math.abs(Math.sqrt(variance) - 0.5)).toBeLessThan(0.03);
  });
});

describe('intensities', () => {
  it('of percentiles 10 and 90 become 0 and 1, clipped beyond (numpy: 1 and 9 of 0 … 10)', () => {
    const data = normalize(
      Float32Array.from({ length: 11 }, (_, index) => index),
      { kind: 'percentile', low: 10, high: 90 },
    );
    expect([...data]).toEqual([0, 0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1, 1]);
  });

  it('in a CT window of 40 ± 40 HU become 0 to 1', () => {
    const data = normalize(Float32Array.of(-1000, 0, 20, 40, 60, 80, 3000), { kind: 'window', centre: 40, width: 80 });
    expect([...data]).toEqual([0, 0, 0.25, 0.5, 0.75, 1, 1]);
  });

  it('get z-scores over the non-zero voxels alone where it is asked for', () => {
    const data = normalize(Float32Array.of(0, 2, 4, 0, 6), { kind: 'zScore', nonzero: true });
    expect(data[2]).toBeCloseTo(0, 6);
    expect(data[4]).toBeCloseTo(Math.sqrt(1.5), 6);
    expect([...normalize(new Float32Array(4).fill(7), { kind: 'zScore', nonzero: false })]).toEqual([0, 0, 0, 0]);
  });
});

it('crops to the foreground with a margin in millimetres and keeps every voxel’s place', () => {
  const mask = sampleMask();
  const tight = boundingBox(mask)!;
  const inside = crop(mask, tight);
  const count = (data: ArrayLike<number>) => Array.from(data).reduce((sum, value) => sum + value, 0);
  expect(count(inside.data)).toBe(count(mask.data));
  expect(inside.originMm).toEqual(
    tight.from.map((index, axis) => mask.originMm[axis]! + index * mask.spacingMm[axis]!),
  );
  expect(boundingBox(inside)).toEqual({ from: [0, 0, 0], to: inside.size });
  // Spacing is 1, 2 and 3 mm: a margin of 3 mm is 3, 2 and 1 voxels, where the volume reaches that far.
  const wide = widenBox(tight, mask, 3);
  expect(wide.from).toEqual(tight.from.map((index, axis) => Math.max(0, index - [3, 2, 1][axis]!)));
  expect(wide.to).toEqual(tight.to.map((index, axis) => Math.min(mask.size[axis]!, index + [3, 2, 1][axis]!)));
  expect(boundingBox({ ...mask, data: new Uint8Array(mask.data.length) })).toBeNull();
});

it('resizes labels linearly without inventing a class between two others', () => {
  const volume = { ...sampleMask([4, 4, 1]), data: Uint8Array.from([0, 0, 3, 3, 0, 0, 3, 3, 0, 0, 3, 3, 0, 0, 3, 3]) };
  const inner = { width: 8, height: 8, left: 0, top: 0 };
  const grid = { axis: 2 as const, columns: 0, rows: 1, positions: [0], inner, spacingMm: [1, 1] as [number, number] };
  const resized = resizeClasses(volume.data, volume, grid, 1, 4);
  expect([...new Set(resized)]).toEqual([0, 3]);
  expect([...resized.subarray(0, 8)]).toEqual([0, 0, 0, 0, 3, 3, 3, 3]);
});

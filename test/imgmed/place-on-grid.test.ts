import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crop } from '../../src/imgmed/volume/crop.ts';
import { reorient } from '../../src/imgmed/volume/orientation.ts';
import { placedOnGrid } from '../../src/imgmed/volume/place-on-grid.ts';
import { geometryDifference, type Triple, type Volume } from '../../src/imgmed/volume/volume.ts';
import { sampleMask } from './sample-volume.ts';

const whole: Volume = { ...sampleMask([7, 6, 5]), direction: [0.8, -0.6, 0, 0.6, 0.8, 0, 0, 0, 1] };
whole.data.forEach((_, index) => {
  whole.data[index] = (index % 5) + 1;
});
const range = (length: number) =>
  fc.tuple(fc.nat(length - 1), fc.nat(length - 1)).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const);

it('puts any part of a grid back, whichever way its axes run', () => {
  fc.assert(
    fc.property(range(7), range(6), range(5), fc.constantFrom('LPS', 'RAS', 'SPL', 'AIR'), (i, j, k, letters) => {
      const box = { from: [i[0], j[0], k[0]] as Triple, to: [i[1], j[1], k[1]] as Triple };
      const placed = placedOnGrid(reorient(crop(whole, box), letters), whole)!;
      expect(geometryDifference(placed, whole)).toBeNull();
      expect(crop(placed, box).data).toEqual(crop(whole, box).data);
      expect(placed.data.filter((value) => value !== 0).length).toBe(crop(whole, box).data.length);
    }),
  );
});

it('places nothing that lies beside the voxels or sticks out', () => {
  const part = crop(whole, { from: [0, 0, 0], to: [7, 6, 3] });
  const moved = (mm: number) => ({ ...part, originMm: [part.originMm[0], part.originMm[1], mm] as Triple });
  expect(placedOnGrid(moved(whole.originMm[2] + 3), whole)).not.toBeNull();
  expect(placedOnGrid(moved(whole.originMm[2] + 1.5), whole)).toBeNull();
  expect(placedOnGrid(moved(whole.originMm[2] + 9), whole)).toBeNull();
  expect(placedOnGrid({ ...part, spacingMm: [1, 2, 2.9] }, whole)).toBeNull();
});

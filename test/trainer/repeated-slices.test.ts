import { expect, it } from 'vitest';
import type { Split } from '../../src/trainer/data/dataset.ts';
import { repeatedSlices } from '../../src/trainer/data/repeated-slices.ts';

const split = (slices: Record<string, number[]>): Split => ({
  count: Object.keys(slices).length,
  images: Float32Array.from(Object.values(slices).flat()),
  labels: new Uint8Array(2 * Object.keys(slices).length),
  cases: Object.keys(slices),
});
const found = (splits: Record<'train' | 'validation' | 'test', Split>) =>
  repeatedSlices({ height: 1, width: 2, channels: 1, splits });

it('names slices that are in two parts, value for value, and not those of one value alone', () => {
  const air = [0, 0];
  const train = split({ a: [1, 2], b: [3, 4], 'b again': [3, 4], 'air a': air });
  expect(
    found({ test: split({ e: [7, 8], 'air e': air }), validation: split({ d: [5, 6], 'air d': air }), train }),
  ).toEqual([]);
  expect(
    found({
      test: split({ e: [3, 4], f: [1, 2], g: [5, 6], h: [9, 9.5] }),
      validation: split({ d: [5, 6], 'air d': air }),
      train,
    }),
  ).toEqual([
    expect.stringMatching(
      /^2 of 4 slices of the test part are in the train part too, value for value \(e is b( again)?\)/,
    ),
    expect.stringMatching(/^1 of 4 slices of the test part is in the validation part too, value for value \(g is d\)/),
  ]);
});

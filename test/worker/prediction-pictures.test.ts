import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { Dataset } from '../../src/trainer/data/dataset.ts';
import { writePredictionPictures } from '../../src/worker/prediction-pictures.ts';

/** Calls every pixel brighter than zero foreground. */
const brightness = {
  apply: (images: tf.Tensor4D) => tf.concat([tf.zerosLike(images), images], 3),
} as unknown as LayersModel;

/** Six slices of 2 × 2 pixels, all alike: found, missed, too much, background. */
function sample(count: number): Dataset {
  const split = {
    count,
    images: Float32Array.from({ length: 4 * count }, (_, pixel) => [1, -1, 1, -1][pixel % 4]!),
    labels: Uint8Array.from({ length: 4 * count }, (_, pixel) => [1, 1, 0, 0][pixel % 4]!),
    cases: Array.from({ length: count }, (_, slice) => `case-${slice}`),
  };
  const splits = { train: split, test: split };
  return { name: 'sample', height: 2, width: 2, channels: 1, classes: ['background', 'organ'], splits };
}

it('draws what was found in yellow, missed in green, too much in red, the rest in grey, on slices evenly spread', async () => {
  await tf.setBackend('cpu');
  const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
  const paths = await writePredictionPictures(folder, { model: brightness, dataset: sample(8) });
  expect(paths).toEqual(['0001', '0003', '0005', '0007'].map((slice) => join('predictions', `test-${slice}.png`)));
  const { data, info } = await sharp(join(folder, paths[2]!)).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([12, 12, 3]);
  /** The middle of one of the four enlarged pixels. */
  const at = (row: number, column: number) => [
    ...data.subarray(3 * (12 * (6 * row + 3) + 6 * column + 3)).subarray(0, 3),
  ];
  const [found, missed, extra, rest] = [at(0, 0), at(0, 1), at(1, 0), at(1, 1)] as [
    number[],
    number[],
    number[],
    number[],
  ];
  expect(found[0]).toBe(found[1]);
  expect(found[0]! - found[2]!).toBeGreaterThan(50);
  expect(missed[1]! - missed[0]!).toBeGreaterThan(50);
  expect(missed[0]).toBe(missed[2]);
  expect(extra[0]! - extra[1]!).toBeGreaterThan(50);
  expect(extra[1]).toBe(extra[2]);
  expect(new Set(rest).size).toBe(1);
});

it('draws each slice once where there are fewer than pictures', async () => {
  await tf.setBackend('cpu');
  const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
  const paths = await writePredictionPictures(folder, { model: brightness, dataset: sample(3) });
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths).toHaveLength(3);
});

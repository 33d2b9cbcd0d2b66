import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { Dataset } from '../../../src/trainer/data/dataset.ts';
import { writePredictionPictures } from '../../../src/trainer/worker/prediction-pictures.ts';

/** Calls every pixel brighter than zero foreground. */
const brightness = {
  apply: (images: tf.Tensor4D) => tf.concat([tf.zerosLike(images), images], 3),
} as unknown as LayersModel;

/** The same of three classes, of which it never names the last. */
const ofThree = {
  apply: (images: tf.Tensor4D) => tf.concat([tf.zerosLike(images), images, tf.fill(images.shape, -9)], 3),
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

/** The frame and the inside of one enlarged pixel. */
async function pixelsOf(file: string, width: number) {
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([6 * width, 12, 3]);
  const at = (y: number, x: number) => [...data.subarray(3 * (info.width * y + x)).subarray(0, 3)];
  return (row: number, column: number) => [at(6 * row, 6 * column), at(6 * row + 3, 6 * column + 3)].map(hueOf);
}

/** Which class's colour, the background's grey otherwise. */
function hueOf([red = 0, green = 0, blue = 0]: number[]): string {
  if (red === green && green === blue) return 'grey';
  return red > blue ? 'orange' : 'blue';
}

it('fills what was found, frames what was missed and dots what is too much, on slices evenly spread', async () => {
  await tf.setBackend('cpu');
  const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
  const paths = await writePredictionPictures(folder, { model: brightness, dataset: sample(8) });
  expect(paths).toEqual(['0001', '0003', '0005', '0007'].map((slice) => join('predictions', `test-${slice}.png`)));
  const pixel = await pixelsOf(join(folder, paths[2]!), 2);
  expect(pixel(0, 0)).toEqual(['orange', 'orange']);
  expect(pixel(0, 1)).toEqual(['orange', 'grey']);
  expect(pixel(1, 0)).toEqual(['grey', 'orange']);
  expect(pixel(1, 1)).toEqual(['grey', 'grey']);
});

it('gives each class its own colour, and both to a pixel of one class that was taken for another', async () => {
  await tf.setBackend('cpu');
  const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
  const dataset = { ...sample(1), classes: ['background', 'organ', 'tumour'] };
  dataset.splits.test.labels.set([2, 2, 0, 1]);
  const [path = ''] = await writePredictionPictures(folder, { model: ofThree, dataset });
  const pixel = await pixelsOf(join(folder, path), 2);
  expect(pixel(0, 0)).toEqual(['blue', 'orange']);
  expect(pixel(0, 1)).toEqual(['blue', 'grey']);
  expect(pixel(1, 1)).toEqual(['orange', 'grey']);
});

it('draws each slice once where there are fewer than pictures', async () => {
  await tf.setBackend('cpu');
  const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
  const paths = await writePredictionPictures(folder, { model: brightness, dataset: sample(3) });
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths).toHaveLength(3);
});

import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import sharp from 'sharp';
import { labelColour } from '../../domain/palette.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';
import type { Dataset } from '../data/dataset.ts';
import { predict, scoresOf } from '../predict.ts';

const mostPictures = 4;
const enlargement = 6;
const tint = 0.6;

/**
 * Writes PNGs of a few test slices, evenly spread: the slice in grey, each pixel enlarged to a square whose frame has the
 * colour of the true class and whose inside that of the predicted class; the background has no colour. A pixel that was
 * found is thus a filled square, one that was missed a frame, a false one a dot, and a confusion has both colours.
 * Returns their paths relative to the run directory.
 */
export async function writePredictionPictures(
  directory: string,
  { model, dataset }: { model: LayersModel; dataset: Dataset },
): Promise<string[]> {
  const { height, width, splits } = dataset;
  const { test } = splits;
  makeFolder(join(directory, 'predictions'));
  const paths: string[] = [];
  const pictures = Math.min(mostPictures, test.count);
  for (let picture = 0; picture < pictures; picture++) {
    const slice = Math.floor(((picture + 0.5) * test.count) / pictures);
    const predicted = await predict(scoresOf(model), dataset, test, slice, slice + 1);
    const path = join('predictions', `test-${String(slice).padStart(4, '0')}.png`);
    const raw = { width: width * enlargement, height: height * enlargement, channels: 3 as const };
    await sharp(drawn(dataset, slice, predicted), { raw })
      .png()
      .toFile(join(directory, path));
    paths.push(path);
  }
  return paths;
}

function drawn({ height, width, channels, splits }: Dataset, slice: number, predicted: Int32Array): Buffer {
  const { images, labels } = splits.test;
  const first = slice * height * width;
  const rgb = Buffer.alloc(3 * height * width * enlargement ** 2);
  for (let y = 0, at = 0; y < height * enlargement; y++) {
    for (let x = 0; x < width * enlargement; x++) {
      const pixel = Math.floor(y / enlargement) * width + Math.floor(x / enlargement);
      const frame = onFrame(x % enlargement) || onFrame(y % enlargement);
      const label = (frame ? labels[first + pixel] : predicted[pixel]) ?? 0;
      const grey = Math.min(255, Math.max(0, 90 + 45 * (images[(first + pixel) * channels] ?? 0)));
      const colour = label === 0 ? [grey, grey, grey] : labelColour(label);
      for (const value of colour) rgb[at++] = grey * (1 - tint) + value * tint;
    }
  }
  return rgb;
}

function onFrame(position: number): boolean {
  return position === 0 || position === enlargement - 1;
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import sharp from 'sharp';
import type { Dataset } from '../trainer/data/dataset.ts';
import { predict, scoresOf } from '../trainer/predict.ts';

const mostPictures = 4;
const enlargement = 6;

/**
 * Writes PNGs of a few test slices, evenly spread: the slice in grey, the reference in green, the prediction in red,
 * where both agree in yellow. Returns their paths relative to the run directory.
 */
export async function writePredictionPictures(
  directory: string,
  { model, dataset }: { model: LayersModel; dataset: Dataset },
): Promise<string[]> {
  const { height, width, channels, splits } = dataset;
  const { test } = splits;
  const pixels = height * width;
  mkdirSync(join(directory, 'predictions'), { recursive: true });
  const paths: string[] = [];
  const pictures = Math.min(mostPictures, test.count);
  for (let picture = 0; picture < pictures; picture++) {
    const slice = Math.floor(((picture + 0.5) * test.count) / pictures);
    const predicted = await predict(scoresOf(model), dataset, test, slice, slice + 1);
    const rgb = Buffer.alloc(pixels * 3);
    for (let pixel = 0; pixel < pixels; pixel++) {
      const grey = 90 + 45 * test.images[(slice * pixels + pixel) * channels]!;
      const clamped = Math.min(255, Math.max(0, grey));
      const [inReference, inPrediction] = [test.labels[slice * pixels + pixel]! > 0, predicted[pixel]! > 0];
      const tint = inReference || inPrediction ? 0.4 : 0;
      rgb[pixel * 3] = clamped * (1 - tint) + (inPrediction ? 255 * tint : 0);
      rgb[pixel * 3 + 1] = clamped * (1 - tint) + (inReference ? 255 * tint : 0);
      rgb[pixel * 3 + 2] = clamped * (1 - tint);
    }
    const path = join('predictions', `test-${String(slice).padStart(4, '0')}.png`);
    await sharp(rgb, { raw: { width, height, channels: 3 } })
      .resize(width * enlargement, height * enlargement, { kernel: 'nearest' })
      .png()
      .toFile(join(directory, path));
    paths.push(path);
  }
  return paths;
}

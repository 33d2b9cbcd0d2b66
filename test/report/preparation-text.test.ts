import { expect, it } from 'vitest';
import { augmentConfig, type PrepConfig, prepConfig } from '../../src/config/sections/prep.ts';
import { changesText, preparationSteps } from '../../src/report/study-report/preparation-text.ts';

const stepsOf = (prep: object) => new Map(preparationSteps(prepConfig.parse({ input: 'in', output: 'out', ...prep })));

it.each<[string, Partial<Record<keyof PrepConfig, unknown>>, string]>([
  ['Orientation', {}, 'axes turned to left, posterior, superior (LPS)'],
  ['Orientation', { orientation: 'keep' }, 'as stored'],
  ['Resampling', {}, 'none'],
  ['Resampling', { spacingMm: [1, 1, 2.5] }, 'to voxels of 1 × 1 × 2.5 mm'],
  ['Interpolation', {}, 'linear for images, averaged where it shrinks; nearest neighbour for masks'],
  ['Interpolation', { order: { image: 3 }, antialias: false }, 'cubic spline for images; nearest neighbour for masks'],
  ['Cropping', { crop: { to: 'nonzero', marginMm: 5 } }, 'to the voxels that are not 0, and 5 mm around'],
  ['Normalization', { normalize: { kind: 'none' } }, 'none'],
  [
    'Normalization',
    { normalize: { kind: 'zScore', nonzero: true } },
    'z-score: mean 0 and standard deviation 1 over the voxels of each scan that are not 0',
  ],
  [
    'Normalization',
    { normalize: { kind: 'percentile' } },
    'percentiles 0.5 to 99.5 of each scan become 0 to 1; the rest is clipped',
  ],
  [
    'Normalization',
    { normalize: { kind: 'window', centre: 40, width: 400 } },
    'window of width 400 around 40 becomes 0 to 1; the rest is clipped',
  ],
  ['Slices', { slices: { count: 'all', foregroundOnly: true } }, 'axial, all of them, those with foreground only'],
  ['Slices', { slices: { plane: 'coronal', everyMm: 3 } }, 'coronal, one every 3 mm'],
  ['Size of a slice', {}, '128 × 128 pixels, with the proportions kept and the rest padded'],
])('a report says of %s of %j: %s', (step, prep, text) => expect(stepsOf(prep).get(step)).toBe(text));

it('a report names each change of the training slices with its range, and none that is not made', () => {
  expect(changesText(augmentConfig.parse({ flips: ['horizontal', 'vertical'], noise: 0.05 }))).toBe(
    'rotation by up to 45°; zoom by a factor of 0.8 to 1.2; translation by up to 25.6 pixels; horizontal and vertical flips at random; noise of standard deviation 0.05, intensities being normalized',
  );
  expect(changesText(augmentConfig.parse({ rotationDegrees: 0, zoom: [1, 1], translationPx: 0 }))).toBe('none');
});

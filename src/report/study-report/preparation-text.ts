import type { PrepConfig } from '../../config/sections/prep.ts';

// How slices were made and changed, in the words of a paper.

/** What `autopilot prep` did to each scan, in its order. */
export function preparationSteps(prep: PrepConfig): [string, string][] {
  const { orientation, spacingMm, order, antialias, crop, slices, size } = prep;
  const count =
    slices.everyMm !== undefined
      ? `one every ${slices.everyMm} mm`
      : slices.count === 'all'
        ? 'all of them'
        : `${slices.count} of each scan, evenly spaced`;
  return [
    ['Orientation', orientationText(orientation)],
    ['Resampling', spacingMm === undefined ? 'none' : `to voxels of ${spacingMm.join(' × ')} mm`],
    [
      'Interpolation',
      `${interpolations[order.image]} for images${antialias ? ', averaged where it shrinks' : ''}; ${interpolations[order.label]} for masks`,
    ],
    ['Cropping', croppingText(crop)],
    ['Normalization', normalizationText(prep.normalize)],
    ['Slices', `${slices.plane}, ${count}${slices.foregroundOnly ? ', those with foreground only' : ''}`],
    [
      'Size of a slice',
      `${size.height} × ${size.width} pixels, ${size.fit === 'contain' ? 'with the proportions kept and the rest padded' : 'stretched to fit'}`,
    ],
  ];
}

const directions: Record<string, string> = {
  R: 'right',
  L: 'left',
  A: 'anterior',
  P: 'posterior',
  S: 'superior',
  I: 'inferior',
};

function orientationText(orientation: string): string {
  if (orientation === 'keep') return 'as stored';
  return `axes turned to ${[...orientation].map((letter) => directions[letter]).join(', ')} (${orientation})`;
}

const interpolations = { 0: 'nearest neighbour', 1: 'linear', 3: 'cubic spline' };

function croppingText({ to, marginMm }: PrepConfig['crop']): string {
  if (to === 'none') return 'none';
  return `to ${to === 'mask' ? 'the mask' : 'the voxels that are not 0'}, and ${marginMm} mm around`;
}

function normalizationText(normalize: PrepConfig['normalize']): string {
  switch (normalize.kind) {
    case 'none':
      return 'none';
    case 'zScore':
      return `z-score: mean 0 and standard deviation 1 over ${normalize.nonzero ? 'the voxels of each scan that are not 0' : 'each scan'}`;
    case 'percentile':
      return `percentiles ${normalize.low} to ${normalize.high} of each scan become 0 to 1; the rest is clipped`;
    case 'window':
      return `window of width ${normalize.width} around ${normalize.centre} becomes 0 to 1; the rest is clipped`;
  }
}

/** `rotation by up to 15°; zoom by a factor of 0.9 to 1.1; …`; what is not done is left out. */
export function changesText({
  rotationDegrees,
  zoom,
  translationPx,
  flips,
  noise,
}: Omit<PrepConfig['augment'] & {}, 'copies'>): string {
  const changes = [
    rotationDegrees === 0 ? '' : `rotation by up to ${rotationDegrees}°`,
    zoom.every((factor) => factor === 1) ? '' : `zoom by a factor of ${zoom.join(' to ')}`,
    translationPx === 0 ? '' : `translation by up to ${translationPx} pixels`,
    flips.length === 0 ? '' : `${flips.join(' and ')} ${flips.length === 1 ? 'flip' : 'flips'} at random`,
    noise === 0 ? '' : `noise of standard deviation ${noise}, intensities being normalized`,
  ];
  return changes.filter((text) => text !== '').join('; ') || 'none';
}

import { AutopilotError } from '../../domain/errors.ts';
import { type Box, boundingBox, crop, widenBox } from '../volume/crop.ts';
import { normalize } from '../volume/normalize.ts';
import { reorient } from '../volume/orientation.ts';
import { resampleVolume } from '../volume/resample.ts';
import { floatChannel, type Volume } from '../volume/volume.ts';
import type { PrepSettings } from './prep-settings.ts';

/** Results of the steps before cutting, which `predict` undoes in reverse order. */
export interface PreparedVolume {
  /** Float voxels, normalized, on the grid slices are cut from. */
  scan: Volume;
  mask: Volume | null;
  /** The scan after reorienting, before cropping. */
  turned: Volume;
  /** The part of `turned` that cropping kept. */
  box: Box;
}

export type VolumeSettings = Pick<
  PrepSettings,
  'channels' | 'orientation' | 'crop' | 'spacingMm' | 'order' | 'antialias' | 'normalize'
>;

/** Chooses channels, reorients, crops, resamples and normalizes: a scan ready for cutting the trainer's slices. */
export function prepareVolume(
  scan: Volume,
  mask: Volume | null,
  config: VolumeSettings,
  channelNames: readonly string[],
): PreparedVolume {
  const chosen = chooseChannels(scan, config.channels, channelNames);
  refuseUnusable(chosen);
  const turn = (volume: Volume) => (config.orientation === 'keep' ? volume : reorient(volume, config.orientation));
  const turned = turn(chosen);
  const turnedMask = mask === null ? null : turn(mask);
  const box = boxOf(turned, turnedMask, config.crop);
  const resample = (volume: Volume, order: 0 | 1 | 3) =>
    config.spacingMm === undefined
      ? volume
      : resampleVolume(volume, config.spacingMm, { order, antialias: config.antialias });
  const cut = resample(crop(turned, box), config.order.image);
  const data = new Float32Array(cut.data);
  const voxels = data.length / cut.channels;
  for (let channel = 0; channel < cut.channels; channel++) {
    normalize(data.subarray(channel * voxels, (channel + 1) * voxels), config.normalize);
  }
  return {
    scan: { ...cut, data },
    mask: turnedMask === null ? null : resample(crop(turnedMask, box), 0),
    turned,
    box,
  };
}

/** Channels by name or number, in the given order. */
export function chooseChannels(
  scan: Volume,
  wanted: readonly (string | number)[] | undefined,
  names: readonly string[],
): Volume {
  if (wanted === undefined) return scan;
  const numbers = wanted.map((channel) => {
    const number = typeof channel === 'number' ? channel : names.indexOf(channel);
    if (number >= 0 && number < scan.channels) return number;
    const known = names.length > 0 ? names.join(', ') : `0 to ${scan.channels - 1}`;
    throw new AutopilotError('prep.channels', `channels: there is no channel "${channel}"; the scan has ${known}`);
  });
  const parts = numbers.map((number) => floatChannel(scan, number));
  const data = new Float32Array(parts.length * parts[0]!.length);
  for (const [index, part] of parts.entries()) data.set(part, index * part.length);
  return { ...scan, channels: parts.length, data };
}

function refuseUnusable({ data }: Volume): void {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return;
  let index = 0;
  while (index < data.length && Number.isFinite(data[index])) index += 1;
  if (index === data.length) return;
  throw new AutopilotError(
    'image.notFinite',
    `holds ${data[index]} at voxel ${index}; replace such values, or leave the case out`,
  );
}

function boxOf(scan: Volume, mask: Volume | null, { to, marginMm }: PrepSettings['crop']): Box {
  const whole: Box = { from: [0, 0, 0], to: [...scan.size] };
  if (to === 'none' || (to === 'mask' && mask === null)) return whole;
  const tight = boundingBox(to === 'mask' ? mask! : scan);
  return tight === null ? whole : widenBox(tight, scan, marginMm);
}

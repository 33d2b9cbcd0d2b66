import { AutopilotError } from '../../domain/errors.ts';
import { count } from '../../domain/text/format.ts';
import { chooseChannels } from '../prep/prepare-volume.ts';
import { crop } from '../volume/crop.ts';
import { orientationOf, type Plane, reorient, stackingAxis } from '../volume/orientation.ts';
import type { Triple, Volume } from '../volume/volume.ts';
import { voxelCount } from '../volume/volume.ts';

export interface ReshapeOptions {
  /** Channels (times, colours) to keep, in this order: 4-D to 3-D. */
  channels?: number[] | undefined;
  /** Convert colours to one channel of brightness. */
  grey?: boolean | undefined;
  /** Reorder and flip axes so that they grow towards these letters, such as RAS; nothing is interpolated. */
  orientation?: string | undefined;
  /** Keep one slice of a plane: 3-D to 2-D. */
  slice?: { plane: Plane; position: number } | undefined;
}

/** Reduces dimensions or rearranges axes without interpolation, and updates the geometry. */
export function reshape(volume: Volume, { channels, grey = false, orientation, slice }: ReshapeOptions): Volume {
  let result = channels === undefined ? volume : sameType(volume, channels);
  if (grey) result = greyOf(result);
  if (orientation !== undefined) result = reorient(result, orientation);
  return slice === undefined ? result : sliceOf(result, slice);
}

/** Chooses channels without changing the number type. */
function sameType(volume: Volume, channels: number[]): Volume {
  const chosen = chooseChannels(volume, channels, []);
  const { data } = volume;
  const count = voxelCount(volume);
  const kept = data.slice(0, channels.length * count);
  for (const [index, channel] of channels.entries())
    kept.set(data.subarray(channel * count, (channel + 1) * count), index * count);
  return { ...chosen, data: kept };
}

/** 0.299 red + 0.587 green + 0.114 blue (ITU-R 601), with whole numbers rounded as in Pillow. */
function greyOf(volume: Volume): Volume {
  const { channels, data } = volume;
  if (channels === 1) return volume;
  if (channels !== 3) {
    throw new AutopilotError(
      'image.channels',
      `--grey: the image has ${count(channels, 'channel')}; it needs three: red, green and blue`,
    );
  }
  const voxels = voxelCount(volume);
  const whole = !(data instanceof Float32Array || data instanceof Float64Array);
  const grey = data.slice(0, voxels);
  for (let index = 0; index < voxels; index++) {
    const [red, green, blue] = [data[index]!, data[voxels + index]!, data[2 * voxels + index]!];
    const sum = red * 19595 + green * 38470 + blue * 7471;
    grey[index] = whole ? Math.floor((sum + 32768) / 65536) : sum / 65536;
  }
  return { ...volume, channels: 1, data: grey };
}

function sliceOf(volume: Volume, { plane, position }: NonNullable<ReshapeOptions['slice']>): Volume {
  const axis = stackingAxis(orientationOf(volume), plane);
  const length = volume.size[axis];
  if (position >= length) {
    throw new AutopilotError(
      'image.slice',
      `--slice: there ${length === 1 ? 'is' : 'are'} ${count(length, `${plane} slice`)}, 0 to ${length - 1}, got ${position}`,
    );
  }
  const [from, to]: [Triple, Triple] = [[0, 0, 0], [...volume.size]];
  from[axis] = position;
  to[axis] = position + 1;
  return crop(volume, { from, to });
}

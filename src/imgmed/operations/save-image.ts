import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AutopilotError } from '../../domain/errors.ts';
import { type PicturePixels, pictureEndings, writePicture } from '../raster/write-picture.ts';
import { stemOf } from '../reading/file-format.ts';
import { orientationOf, type Plane, stackingAxis } from '../volume/orientation.ts';
import { channelOf, type Triple, type Volume } from '../volume/volume.ts';
import { writeVolume } from '../write-volume.ts';
import { type PictureRange, pictureNumbers } from './picture-numbers.ts';

/** File endings that `saveImage` writes. */
export const writtenEndings = ['nii.gz', 'nii', 'mha', 'nrrd', 'png', 'jpg', 'tif'] as const;

export interface SaveImageOptions {
  /** Replace existing files; otherwise they are an error, and nothing is written. */
  overwrite?: boolean;
  /** Pictures only: intensities that become black and white. By default, numbers are written unchanged or refused. */
  range?: PictureRange | undefined;
  /** Pictures only: three channels become red, green and blue; of any other number, each becomes a grey RGB picture. */
  rgb?: boolean;
  /** Pictures only: plane of the slices. By default, they lie along the last axis, as stored. */
  plane?: Plane | undefined;
}

export function isPicturePath(path: string): boolean {
  return pictureEndings.some((ending) => path.toLowerCase().endsWith(`.${ending}`));
}

/**
 * Writes a volume as NIfTI, MetaImage or NRRD (with its affine), or each of its slices as PNG, JPEG or TIFF: `NAME.png`
 * for a single slice, else `NAME-z012.png`, or `NAME-c1-z012.png` with several channels (times). Returns the paths
 * written. A slice's columns and rows are the volume's axes in index order: `picture[row][column] = data[i, j, k]`.
 */
export async function saveImage(volume: Volume, path: string, options: SaveImageOptions = {}): Promise<string[]> {
  const pictures = isPicturePath(path) ? picturesOf(volume, path, options) : null;
  const paths = pictures === null ? [path] : pictures.map((picture) => picture.path);
  refuseExisting(paths, options.overwrite ?? false);
  if (pictures === null) await writeVolume(volume, path);
  else for (const { path: target, pixels } of pictures) await writePicture(pixels(), target);
  return paths;
}

export function refuseExisting(paths: readonly string[], overwrite: boolean): void {
  const existing = overwrite ? undefined : paths.find((path) => existsSync(path));
  if (existing === undefined) return;
  throw new AutopilotError('image.exists', `${existing}: already exists; --overwrite replaces it`);
}

/** The slices of a volume as pictures, whose pixels are made one picture at a time. */
function picturesOf(volume: Volume, path: string, { range, rgb = false, plane }: SaveImageOptions) {
  const bits = /\.jpe?g$/i.test(path) ? 8 : 16;
  const numbers = pictureNumbers(volume, range, bits);
  const axis = plane === undefined ? 2 : stackingAxis(orientationOf(volume), plane);
  const groups = channelGroups(volume, rgb);
  const places = groups.flatMap((channels) =>
    Array.from({ length: volume.size[axis] }, (_, slice) => ({ channels, slice })),
  );
  const ending = basename(path).slice(stemOf(path).length);
  const folder = path.slice(0, path.length - basename(path).length);
  const digits = (most: number) => String(most - 1).length;
  return places.map(({ channels, slice }) => {
    const channel = groups.length > 1 ? `-c${String(channels[0]).padStart(digits(volume.channels), '0')}` : '';
    const position =
      volume.size[axis] > 1 ? `-${'xyz'[axis]}${String(slice).padStart(digits(volume.size[axis]), '0')}` : '';
    return {
      path: join(folder, `${stemOf(path)}${channel}${position}${ending}`),
      pixels: () => pixelsOf({ ...volume, data: numbers }, numbers, channels, axis, slice),
    };
  });
}

/** The channels of each picture: its red, green and blue, or its grey. */
function channelGroups({ channels }: Volume, rgb: boolean): number[][] {
  if (rgb && channels === 3) return [[0, 1, 2]];
  return Array.from({ length: channels }, (_, channel) => (rgb ? [channel, channel, channel] : [channel]));
}

function pixelsOf(
  volume: Volume,
  numbers: Uint8Array | Uint16Array,
  channels: readonly number[],
  axis: 0 | 1 | 2,
  slice: number,
): PicturePixels {
  const { size } = volume;
  const [columns, rows] = [0, 1, 2].filter((other) => other !== axis) as [0 | 1 | 2, 0 | 1 | 2];
  const strides: Triple = [1, size[0], size[0] * size[1]];
  const [width, height, samples] = [size[columns], size[rows], channels.length === 3 ? 3 : 1] as const;
  const length = width * height * samples;
  const data = numbers instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length);
  for (const [sample, channel] of channels.entries()) {
    const values = channelOf(volume, channel);
    for (let row = 0; row < height; row++) {
      let source = slice * strides[axis] + row * strides[rows];
      for (let column = 0; column < width; column++) {
        data[(row * width + column) * samples + sample] = values[source]!;
        source += strides[columns];
      }
    }
  }
  return { width, height, samples, data };
}

import { AutopilotError } from '../domain/errors.ts';
import type { ScanCase } from './datasets/case-list.ts';
import { formatOf } from './reading/file-format.ts';
import { readVolume } from './reading/read-volume.ts';
import { placedOnGrid } from './volume/place-on-grid.ts';
import { geometryDifference, type Volume } from './volume/volume.ts';

/** A case's scan: its images on one grid, their channels one after the other, palette indices replaced by colours. */
export async function loadScan({ id, images }: Pick<ScanCase, 'id' | 'images'>): Promise<Volume> {
  const volumes: Volume[] = [];
  for (const path of images) volumes.push(inColours(await readVolume(path)));
  const first = volumes[0]!;
  if (volumes.length === 1) return first;
  for (const [number, volume] of volumes.entries()) {
    const difference = geometryDifference(first, volume);
    if (difference === null) continue;
    throw new AutopilotError(
      'image.geometry',
      `case ${id}: ${images[0]} and ${images[number]} are not on the same grid: ${difference}; resample one onto the other`,
    );
  }
  const length = volumes.reduce((sum, volume) => sum + volume.data.length, 0);
  const data = new Float32Array(length);
  let offset = 0;
  for (const volume of volumes) {
    data.set(volume.data, offset);
    offset += volume.data.length;
  }
  const notes = volumes.flatMap((volume) => volume.notes ?? []);
  const channels = volumes.reduce((sum, volume) => sum + volume.channels, 0);
  return { ...first, channels, data, ...(notes.length === 0 ? {} : { notes }) };
}

/** A case's mask; a DICOM segmentation of some slices is extended to all slices of the scan. */
export async function loadMask(path: string, scan: Volume | null): Promise<Volume> {
  const mask = await readMask(path);
  return (scan !== null && formatOf(path) === 'dicom' ? placedOnGrid(mask, scan) : null) ?? mask;
}

/** A mask with one label per voxel. Equal channels, as in grey saved as RGB, become one; differing ones are refused. */
export async function readMask(path: string): Promise<Volume> {
  const volume = await readVolume(path);
  if (volume.channels === 1) return volume;
  const single = ofEqualChannels(volume);
  if (single !== null) return single;
  throw new AutopilotError(
    'image.maskChannels',
    `${path}: holds ${volume.channels} channels that differ (colours, or one class in each), but a mask has one label per voxel; save it with one channel of label values`,
  );
}

/** The volume with one channel if all are equal; null if they differ. */
export function ofEqualChannels(volume: Volume): Volume | null {
  const { channels, data } = volume;
  const count = data.length / channels;
  for (let index = count; index < data.length; index++) if (data[index] !== data[index % count]) return null;
  return { ...volume, channels: 1, data: data.subarray(0, count) };
}

/** Replaces palette indices by red, green and blue, or by grey if the palette is grey. */
export function inColours(volume: Volume): Volume {
  const { palette, data, ...rest } = volume;
  if (palette === undefined) return volume;
  const count = data.length;
  const colours = new Uint8Array(3 * count);
  for (let index = 0; index < count; index++) {
    const number = data[index]!;
    if (3 * number >= palette.length)
      throw new AutopilotError(
        'image.palette',
        `a pixel has the colour ${number} of ${palette.length / 3}; save it again`,
      );
    for (let channel = 0; channel < 3; channel++) colours[channel * count + index] = palette[3 * number + channel]!;
  }
  const coloured = { ...rest, channels: 3, data: colours };
  return ofEqualChannels(coloured) ?? coloured;
}

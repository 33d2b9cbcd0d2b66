import { AutopilotError } from '../domain/errors.ts';
import type { ScanCase } from './datasets/case-list.ts';
import { formatOf } from './file-format.ts';
import { placedOnGrid } from './place-on-grid.ts';
import { readVolume } from './read-volume.ts';
import { geometryDifference, type Volume } from './volume.ts';

/** The scan of a case: its images on one grid, their channels one after the other. */
export async function loadScan({ id, images }: Pick<ScanCase, 'id' | 'images'>): Promise<Volume> {
  const volumes: Volume[] = [];
  for (const path of images) volumes.push(await readVolume(path));
  const first = volumes[0]!;
  if (volumes.length === 1) return first;
  for (const [number, volume] of volumes.entries()) {
    const difference = geometryDifference(first, volume);
    if (difference === null) continue;
    throw new AutopilotError(
      'image.geometry',
      `case ${id}: ${images[0]} and ${images[number]} do not lie on one grid: ${difference}; resample one onto the other`,
    );
  }
  const length = volumes.reduce((sum, volume) => sum + volume.data.length, 0);
  const data = new Float32Array(length);
  let offset = 0;
  for (const volume of volumes) {
    data.set(volume.data, offset);
    offset += volume.data.length;
  }
  return { ...first, channels: volumes.reduce((sum, volume) => sum + volume.channels, 0), data };
}

/** A case's mask; a DICOM segmentation of some slices becomes one of all slices of its scan. */
export async function loadMask(path: string, scan: Volume | null): Promise<Volume> {
  const mask = await readVolume(path);
  return (scan !== null && formatOf(path) === 'dicom' ? placedOnGrid(mask, scan) : null) ?? mask;
}

import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AutopilotError } from '../../domain/errors.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';
import { readInParts } from '../../protocol/files/read-in-parts.ts';
import { withCompanions } from '../reading/companion-files.ts';
import { dicomFiles, isFolder } from '../reading/file-format.ts';
import { toHalfFloats } from './half-float.ts';
import { type PrepareCaseOptions, type PreparedCase, prepareCase } from './prepare-case.ts';
import { writeAll } from './write-all.ts';

/** Raised when the same config would produce different slices, or a different record of them. */
const prepVersion = 4;

/** Cache record of a prepared case, stored beside its pixels. */
export interface CachedCase {
  key: string;
  ids: string[];
  channels: number;
  spacingMm: [number, number];
  /** Number of slices in `images.bin` and `labels.bin`. */
  count: number;
  /** The mask's own values; `classPixels` counts the pixels of each class in the slices. */
  labelValues: number[];
  classPixels: number[];
  /** Equal for copies of a scan under other names. */
  voxelHash: string;
  reused: boolean;
}

/** The case's slices, made or found by a key that covers the content of its files and everything that shapes slices. */
export async function cachedCase(options: PrepareCaseOptions, cacheFolder: string): Promise<CachedCase> {
  const key = caseKey(options);
  const place = join(cacheFolder, key);
  const record = join(place, 'case.json');
  if (existsSync(record)) {
    return { ...(JSON.parse(readFileSync(record, 'utf8')) as CachedCase), reused: true };
  }
  const { slices, channels, spacingMm, labelValues, voxelHash } = await prepareCase(options);
  const unfinished = `${place}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  makeFolder(unfinished);
  const classPixels = options.classMap.classes.map(() => 0);
  const ids = writeSlices(unfinished, slices, options.config.dtype, classPixels);
  const cached: CachedCase = {
    key,
    ids,
    channels,
    spacingMm,
    count: ids.length,
    labelValues,
    classPixels,
    voxelHash,
    reused: false,
  };
  writeFileSync(join(unfinished, 'case.json'), JSON.stringify(cached));
  // The final name appears only once everything is written, so an interrupted run leaves no partial case.
  if (existsSync(place)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, place);
  return cached;
}

/** Writes slices one by one to the folder's two files, adds up `classPixels` and returns the slices' ids. */
function writeSlices(
  folder: string,
  slices: PreparedCase['slices'],
  dtype: 'float16' | 'float32',
  classPixels: number[],
): string[] {
  const ids: string[] = [];
  const [images, labels] = [openSync(join(folder, 'images.bin'), 'w'), openSync(join(folder, 'labels.bin'), 'w')];
  try {
    for (const { id, slice } of slices) {
      if (dtype === 'float16') requireHalfRange(id, slice.image);
      writeAll(images, dtype === 'float16' ? toHalfFloats(slice.image) : slice.image);
      writeAll(labels, slice.labels);
      for (const label of slice.labels) classPixels[label]! += 1;
      ids.push(id);
    }
  } finally {
    closeSync(images);
    closeSync(labels);
  }
  return ids;
}

/** Magnitudes from here on round to infinity as 16-bit floats. */
const halfLimit = 65_520;

function requireHalfRange(id: string, image: Float32Array): void {
  const beyond = image.find((value) => Math.abs(value) >= halfLimit);
  if (beyond === undefined) return;
  throw new AutopilotError(
    'prep.range',
    `slice ${id} holds ${beyond}, more than 16-bit floats can (65,504); set dtype: float32, or normalize`,
  );
}

function caseKey({ scanCase, config, classMap, channelNames, copies }: PrepareCaseOptions): string {
  const { channels, orientation, spacingMm, order, antialias, crop, normalize, slices, size, augment, dtype } = config;
  const random = copies > 0 ? { augment, seed: config.seed } : null;
  const shaping = { channels, orientation, spacingMm, order, antialias, crop, normalize, slices, size, dtype };
  const hash = createHash('sha256').update(
    JSON.stringify([prepVersion, scanCase.id, shaping, random, classMap, channelNames, copies]),
  );
  for (const path of [...scanCase.images, ...(scanCase.mask === null ? [] : [scanCase.mask])]) {
    for (const file of isFolder(path) ? dicomFiles(path) : withCompanions(path)) {
      readInParts(file, (part) => hash.update(part));
      hash.update('|');
    }
  }
  return hash.digest('hex').slice(0, 32);
}

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFolder } from '../file-format.ts';
import { toHalfFloats } from '../half-float.ts';
import { dicomFiles } from '../read-dicom.ts';
import { type PrepareCaseOptions, prepareCase } from './prepare-case.ts';

/** Raised when the same config would make other slices. */
const prepVersion = 1;

/** What the cache knows about a prepared case; its pixels lie beside it. */
export interface CachedCase {
  key: string;
  ids: string[];
  channels: number;
  spacingMm: [number, number];
  /** Slices in `images.bin` and `labels.bin`. */
  count: number;
  reused: boolean;
}

/** The case's slices, made or found: the key is over the content of its files and everything that shapes the slices. */
export async function cachedCase(options: PrepareCaseOptions, cacheFolder: string): Promise<CachedCase> {
  const key = caseKey(options);
  const place = join(cacheFolder, key);
  const record = join(place, 'case.json');
  if (existsSync(record)) {
    return { ...(JSON.parse(readFileSync(record, 'utf8')) as CachedCase), reused: true };
  }
  const { slices, ids, channels, spacingMm } = await prepareCase(options);
  const unfinished = `${place}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  mkdirSync(unfinished, { recursive: true });
  const encode = options.config.dtype === 'float16' ? toHalfFloats : (values: Float32Array) => values;
  writeFileSync(join(unfinished, 'images.bin'), joined(slices.map(({ image }) => encode(image))));
  writeFileSync(join(unfinished, 'labels.bin'), joined(slices.map(({ labels }) => labels)));
  const cached: CachedCase = { key, ids, channels, spacingMm, count: slices.length, reused: false };
  writeFileSync(join(unfinished, 'case.json'), JSON.stringify(cached));
  // A name appears only when everything under it is written: an interrupted run leaves no half case.
  if (existsSync(place)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, place);
  return cached;
}

function joined(parts: readonly (Uint8Array | Uint16Array | Float32Array)[]): Buffer {
  return Buffer.concat(parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)));
}

function caseKey({ scanCase, config, classMap, channelNames, copies }: PrepareCaseOptions): string {
  const { channels, orientation, spacingMm, order, antialias, crop, normalize, slices, size, augment, dtype } = config;
  const random = copies > 0 ? { augment, seed: config.seed } : null;
  const shaping = { channels, orientation, spacingMm, order, antialias, crop, normalize, slices, size, dtype };
  const hash = createHash('sha256').update(
    JSON.stringify([prepVersion, scanCase.id, shaping, random, classMap, channelNames, copies]),
  );
  for (const path of [...scanCase.images, scanCase.mask ?? '']) {
    for (const file of isFolder(path) ? dicomFiles(path) : [path]) hash.update(readFileSync(file)).update('|');
  }
  return hash.digest('hex').slice(0, 32);
}

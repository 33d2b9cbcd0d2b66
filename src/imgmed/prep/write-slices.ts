import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SplitName } from '../split-patients.ts';
import type { CachedCase } from './case-cache.ts';
import { writeAll } from './write-all.ts';

/** One split of the manifest, as the trainer reads it (`src/trainer/data/manifest.ts`). */
export interface WrittenSplit {
  count: number;
  images: { dtype: 'float16' | 'float32'; file: string; bytes: number; sha256: string };
  labels: { dtype: 'uint8'; file: string; bytes: number; sha256: string };
  cases: string[];
}

/** Joins the cases of one split into its two files, with one case in memory at a time. */
export function writeSplit(
  output: string,
  cacheFolder: string,
  split: SplitName,
  cases: readonly CachedCase[],
  dtype: 'float16' | 'float32',
): WrittenSplit {
  const join_ = (kind: 'images' | 'labels', file: string) =>
    joinFiles(
      join(output, file),
      cases.map(({ key }) => join(cacheFolder, key, `${kind}.bin`)),
    );
  const imagesFile = `${split}-images.${dtype === 'float16' ? 'f16' : 'f32'}`;
  const labelsFile = `${split}-labels.u8`;
  return {
    count: cases.reduce((sum, { count }) => sum + count, 0),
    images: { dtype, file: imagesFile, ...join_('images', imagesFile) },
    labels: { dtype: 'uint8', file: labelsFile, ...join_('labels', labelsFile) },
    cases: cases.flatMap(({ ids }) => ids),
  };
}

function joinFiles(target: string, parts: readonly string[]): { bytes: number; sha256: string } {
  const hash = createHash('sha256');
  const file = openSync(`${target}.part`, 'w');
  let bytes = 0;
  try {
    for (const part of parts) {
      const data = readFileSync(part);
      writeAll(file, data);
      hash.update(data);
      bytes += data.length;
    }
  } finally {
    closeSync(file);
  }
  renameSync(`${target}.part`, target);
  return { bytes, sha256: hash.digest('hex') };
}

/** Writes JSON so that a reader sees the old file or the new one, never half of it. */
export function writeJson(path: string, value: unknown): void {
  writeFileSync(`${path}.part`, `${JSON.stringify(value, null, 1)}\n`);
  renameSync(`${path}.part`, path);
}

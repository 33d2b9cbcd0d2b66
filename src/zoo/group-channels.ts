import { basename, dirname, join } from 'node:path';
import { stemOf } from '../imgmed/reading/file-format.ts';
import type { ZooModel } from '../trainer/zoo-model/zoo-model.ts';

/** One scan to predict on. */
export interface ScanFiles {
  /** One file per channel, or one file or folder of all channels. */
  images: string[];
  /** The path that names the scan: `CASE.nii.gz` for `CASE_0000.nii.gz`, `CASE_0001.nii.gz`. */
  named: string;
}

/**
 * Joins nnU-Net's files of one scan if their number fits the model's channels; every other path is a scan of its own,
 * and keeps its name.
 */
export function groupChannels(
  paths: readonly string[],
  { input, preprocessing }: Pick<ZooModel, 'input' | 'preprocessing'>,
): ScanFiles[] {
  const chosen = preprocessing?.channels?.map(Number);
  const fits = (count: number) =>
    chosen === undefined ? count === (input?.channels.length ?? 1) : count > Math.max(...chosen);
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const key = keyOf(path);
    groups.set(key, [...(groups.get(key) ?? []), path]);
  }
  return [...groups].flatMap(([key, files]): ScanFiles[] => {
    const sorted = [...files].sort();
    const complete = sorted.every((path, channel) => channelOf(path) === channel);
    return complete && fits(sorted.length)
      ? [{ images: sorted, named: key }]
      : files.map((path) => ({ images: [path], named: path }));
  });
}

function channelOf(path: string): number | null {
  const digits = /_(\d{4})$/.exec(stemOf(path))?.[1];
  return digits === undefined ? null : Number(digits);
}

function keyOf(path: string): string {
  if (channelOf(path) === null) return path;
  const stem = stemOf(path);
  return join(dirname(path), stem.slice(0, -5) + basename(path).slice(stem.length));
}

import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../domain/errors.ts';
import { formatOf, imageFiles, stemOf } from '../file-format.ts';
import { type CaseList, datasetError, type ScanCase, zodProblems } from './case-list.ts';

const text = z.string().catch('');
const pair = z.object({ image: z.string(), label: z.string() });

/** The Medical Segmentation Decathlon's `dataset.json`: `modality`, labels as value → name. */
const decathlonJson = z.looseObject({
  name: text,
  licence: text,
  license: text,
  modality: z.record(z.string(), z.string()),
  labels: z.record(z.string().regex(/^\d+$/, 'a label value'), z.string()),
  training: z.array(pair).default([]),
  test: z.array(z.string()).default([]),
});

/** nnU-Net's: `channel_names`, labels as name → value. A list of values is a region, which may overlap others. */
const nnunetJson = z.looseObject({
  name: text,
  licence: text,
  license: text,
  channel_names: z.record(z.string(), z.string()),
  labels: z.record(z.string(), z.union([z.number(), z.string(), z.array(z.number())])),
  file_ending: z.string().default('.nii.gz'),
});

function readJson(folder: string): unknown {
  const path = join(folder, 'dataset.json');
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (error) {
    throw datasetError(path, `cannot be read as JSON: ${messageOf(error)}; repair it or restore it`, error);
  }
}

/** Whether the folder's `dataset.json` is nnU-Net's. */
export function isNnunet(folder: string): boolean {
  const value = readJson(folder);
  return typeof value === 'object' && value !== null && 'channel_names' in value;
}

/** Reads the layout of http://medicaldecathlon.com: `imagesTr`, `labelsTr`, `imagesTs`. */
export function readDecathlon(folder: string): CaseList {
  const parsed = decathlonJson.safeParse(readJson(folder));
  if (!parsed.success) throw datasetError(join(folder, 'dataset.json'), zodProblems(parsed.error));
  const { name, licence, license, modality, labels, training, test } = parsed.data;
  const problems: string[] = [];
  const there = (path: string): string => {
    const file = resolve(folder, path);
    if (!existsSync(file))
      problems.push(`dataset.json names ${path}, which is not there; add the file or its entry goes`);
    return file;
  };
  const caseOf = (image: string, label: string | null, part: 'train' | 'test'): ScanCase => ({
    id: stemOf(image),
    patient: stemOf(image),
    images: [there(image)],
    mask: label === null ? null : there(label),
    part,
  });
  const cases = [
    ...training.map(({ image, label }) => caseOf(image, label, 'train')),
    ...test.map((image) => caseOf(image, null, 'test')),
  ].filter(({ images, mask }) => existsSync(images[0]!) && (mask === null || existsSync(mask)));
  return {
    layout: 'msd',
    name: name || basename(resolve(folder)),
    channels: byNumber(modality),
    labels: Object.entries(labels)
      .map(([value, label]) => ({ value: Number(value), name: label }))
      .sort((a, b) => a.value - b.value),
    licence: licence || license,
    cases,
    refused: [],
    problems,
  };
}

/** Reads nnU-Net's raw layout: `imagesTr/CASE_0000.nii.gz`, one file per channel, and `labelsTr/CASE.nii.gz`. */
export function readNnunet(folder: string): CaseList {
  const parsed = nnunetJson.safeParse(readJson(folder));
  if (!parsed.success) throw datasetError(join(folder, 'dataset.json'), zodProblems(parsed.error));
  const { name, licence, license, channel_names, labels } = parsed.data;
  const channels = byNumber(channel_names);
  const problems: string[] = [];
  const values = Object.entries(labels).flatMap(([label, value]) => {
    if (Array.isArray(value)) {
      problems.push(
        `label "${label}" is a region of several values; name it under "classes" of the prep config instead`,
      );
      return [];
    }
    return label === 'ignore' ? [] : [{ value: Number(value), name: label }];
  });
  const cases = [
    ...channelCases(folder, 'imagesTr', 'labelsTr', channels.length, 'train', problems),
    ...channelCases(folder, 'imagesTs', 'labelsTs', channels.length, 'test', problems),
  ];
  return {
    layout: 'nnunet',
    name: name || basename(resolve(folder)),
    channels,
    labels: values.sort((a, b) => a.value - b.value),
    licence: licence || license,
    cases,
    refused: [],
    problems,
  };
}

function channelCases(
  folder: string,
  imagesFolder: string,
  masksFolder: string,
  channels: number,
  part: 'train' | 'test',
  problems: string[],
): ScanCase[] {
  const masks = new Map(imageFiles(join(folder, masksFolder)).map((path) => [stemOf(path), path]));
  const images = new Map<string, string[]>();
  for (const path of imageFiles(join(folder, imagesFolder))) {
    const named = /^(.*)_(\d{4})$/.exec(stemOf(path));
    if (named === null || formatOf(path) === null) {
      problems.push(`${imagesFolder}/${basename(path)} has no channel number; rename it to CASE_0000 and so on`);
      continue;
    }
    const list = images.get(named[1]!) ?? [];
    list[Number(named[2])] = resolve(path);
    images.set(named[1]!, list);
  }
  return [...images].flatMap(([id, files]) => {
    const present = Array.from({ length: channels }, (_, channel) => files[channel]);
    const missing = present.flatMap((file, channel) => (file === undefined ? [channel] : []));
    const mask = masks.get(id) ?? null;
    if (missing.length > 0)
      problems.push(`case ${id} lacks channel ${missing.join(', ')} in ${imagesFolder}; add the file`);
    if (mask === null && part === 'train')
      problems.push(`case ${id} has no mask in ${masksFolder}; add it or remove the scan`);
    if (missing.length > 0 || (mask === null && part === 'train')) return [];
    return [{ id, patient: id, images: present as string[], mask: mask === null ? null : resolve(mask), part }];
  });
}

/** Values of `{ "0": a, "1": b }` in the order of their numbers. */
function byNumber(record: Record<string, string>): string[] {
  return Object.entries(record)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, value]) => value);
}

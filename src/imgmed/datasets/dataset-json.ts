import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import * as z from 'zod';
import { messageOf } from '../../domain/errors.ts';
import { count } from '../../domain/text/format.ts';
import { readPlainText } from '../../protocol/files/read-plain-file.ts';
import { formatOf, imageFiles, stemOf } from '../reading/file-format.ts';
import { withOwnIds } from './case-ids.ts';
import { type CaseList, datasetError, type ScanCase, zodProblems } from './case-list.ts';
import { nnunetLabels } from './nnunet-labels.ts';

const text = z.string().catch('');
const pair = z.object({ image: z.string(), label: z.string() });
const about = { name: text, licence: text, license: text, numTraining: z.number().optional().catch(undefined) };

/** The Medical Segmentation Decathlon's `dataset.json`: `modality`, labels as value → name. */
const decathlonJson = z.looseObject({
  ...about,
  modality: z.record(z.string(), z.string()),
  labels: z.record(z.string().regex(/^\d+$/, 'a label value'), z.string()),
  training: z.array(pair).default([]),
  test: z.array(z.string()).default([]),
});

/** nnU-Net's `dataset.json`: `channel_names`, labels as name → value or value → name. A list of values is a region. */
const nnunetJson = z.looseObject({
  ...about,
  channel_names: z.record(z.string(), z.string()),
  labels: z.record(z.string(), z.union([z.number(), z.string(), z.array(z.number())])),
  file_ending: z.string().default('.nii.gz'),
  dataset: z.record(z.string(), z.object({ images: z.array(z.string()), label: z.string() })).optional(),
});

function readJson(folder: string): unknown {
  const path = join(folder, 'dataset.json');
  try {
    // Windows programs prepend a byte-order mark.
    return JSON.parse(readPlainText(path).replace(/^\uFEFF/, '')) as unknown;
  } catch (error) {
    throw datasetError(path, `cannot be read as JSON: ${messageOf(error)}; repair it or restore it`, error);
  }
}

/** Whether the folder's `dataset.json` has nnU-Net's format. */
export function isNnunet(folder: string): boolean {
  const value = readJson(folder);
  return typeof value === 'object' && value !== null && 'channel_names' in value;
}

/**
 * Reads the layout of http://medicaldecathlon.com and of nnU-Net's first version: `imagesTr`, `labelsTr`, `imagesTs`.
 */
export function readDecathlon(folder: string): CaseList {
  const parsed = decathlonJson.safeParse(readJson(folder));
  if (!parsed.success) throw datasetError(join(folder, 'dataset.json'), zodProblems(parsed.error));
  const { name, licence, license, modality, labels, training, test, numTraining } = parsed.data;
  const channels = byNumber(modality);
  const problems: string[] = [];
  const refused: CaseList['refused'] = [];
  const caseOf = (image: string, label: string | null, part: 'train' | 'test'): ScanCase[] => {
    const images = imagesOf(folder, image, channels.length);
    const mask = label === null ? null : locate(folder, label);
    const missing = images === null ? image : mask !== null && !existsSync(mask) ? label : null;
    if (images === null || missing !== null) {
      refused.push({
        id: stemOf(asPath(image)),
        reason: `is listed in dataset.json with ${missing}, which does not exist; add the file or remove the entry`,
      });
      return [];
    }
    const id = stemOf(asPath(image)).replace(
      /_0000$/,
      images.length > 1 || !existsSync(locate(folder, image)) ? '' : '_0000',
    );
    return [{ id, patient: id, images, mask, part }];
  };
  const cases = [
    ...training.flatMap(({ image, label }) => caseOf(image, label, 'train')),
    ...test.flatMap((image) => caseOf(image, null, 'test')),
  ];
  return {
    layout: 'msd',
    name: name || basename(resolve(folder)),
    channels,
    labels: Object.entries(labels)
      .map(([value, label]) => ({ value: Number(value), name: label }))
      .sort((a, b) => a.value - b.value),
    undecidedLabels: null,
    regions: [],
    ignoredLabel: null,
    licence: licence || license,
    cases: withOwnIds(folder, cases),
    refused,
    problems,
    shortfalls: wrongCount(numTraining, cases),
  };
}

/** An entry's file, or nnU-Net's files `NAME_0000`, `NAME_0001`, … for it; null when they are missing. */
function imagesOf(folder: string, image: string, channels: number): string[] | null {
  const file = locate(folder, image);
  if (existsSync(file)) return [file];
  const ending = basename(file).slice(stemOf(file).length);
  const stem = file.slice(0, file.length - ending.length);
  const files = Array.from(
    { length: Math.max(1, channels) },
    (_, n) => `${stem}_${String(n).padStart(4, '0')}${ending}`,
  );
  return files.every((path) => existsSync(path)) ? files : null;
}

/** Paths may come from Windows. */
function asPath(path: string): string {
  return path.replaceAll('\\', '/');
}

function locate(folder: string, path: string): string {
  return resolve(folder, asPath(path));
}

/** Reads nnU-Net's raw layout: `imagesTr/CASE_0000.nii.gz`, one file per channel, and `labelsTr/CASE.nii.gz`, or its `dataset` entries. */
export function readNnunet(folder: string): CaseList {
  const parsed = nnunetJson.safeParse(readJson(folder));
  if (!parsed.success) throw datasetError(join(folder, 'dataset.json'), zodProblems(parsed.error));
  const { name, licence, license, channel_names, labels, numTraining, dataset, file_ending } = parsed.data;
  const channels = byNumber(channel_names);
  const problems: string[] = [];
  const refused: CaseList['refused'] = [];
  const found: Found = { problems, refused, ending: file_ending };
  const cases = [
    ...(dataset === undefined
      ? channelCases(folder, 'imagesTr', 'labelsTr', channels.length, 'train', found)
      : entryCases(folder, dataset, channels.length, found)),
    ...channelCases(folder, 'imagesTs', 'labelsTs', channels.length, 'test', found),
  ];
  return {
    layout: 'nnunet',
    name: name || basename(resolve(folder)),
    channels,
    ...nnunetLabels(join(folder, 'dataset.json'), labels),
    licence: licence || license,
    cases,
    refused,
    problems,
    shortfalls: wrongCount(numTraining, cases),
  };
}

interface Found {
  problems: string[];
  refused: CaseList['refused'];
  ending: string;
}

/** nnU-Net's integrity check also fails on this. */
function wrongCount(promised: number | undefined, cases: readonly ScanCase[]): string[] {
  const held = cases.filter(({ part }) => part === 'train').length;
  if (promised === undefined || promised === held) return [];
  return [`dataset.json says numTraining ${promised}, but ${held} can be read; add the others or correct it`];
}

/** Cases listed in `dataset.json`, whose files nnU-Net 2 allows anywhere. */
function entryCases(
  folder: string,
  dataset: Record<string, { images: string[]; label: string }>,
  channels: number,
  { refused }: Found,
): ScanCase[] {
  return Object.entries(dataset).flatMap(([id, { images, label }]) => {
    const files = [...images, label];
    const missing = files.filter((path) => !existsSync(locate(folder, path)));
    const reason =
      missing.length > 0
        ? `is listed in dataset.json with ${missing[0]}, which does not exist; add the file or remove the entry`
        : images.length !== channels
          ? `has ${count(images.length, 'image')} for ${count(channels, 'channel')}; name one for each`
          : null;
    if (reason !== null) {
      refused.push({ id, reason });
      return [];
    }
    return [
      {
        id,
        patient: id,
        images: images.map((path) => locate(folder, path)),
        mask: locate(folder, label),
        part: 'train' as const,
      },
    ];
  });
}

function channelCases(
  folder: string,
  imagesFolder: string,
  masksFolder: string,
  channels: number,
  part: 'train' | 'test',
  { problems, refused, ending }: Found,
): ScanCase[] {
  const ours = (path: string) => path.endsWith(ending) || formatOf(ending) === null;
  const others = [...imageFiles(join(folder, imagesFolder)), ...imageFiles(join(folder, masksFolder))].filter(
    (path) => !ours(path),
  );
  for (const path of others)
    problems.push(`${basename(path)} does not end in ${ending}, the file_ending of dataset.json, and is ignored`);
  const masks = new Map(
    imageFiles(join(folder, masksFolder))
      .filter(ours)
      .map((path) => [stemOf(path), path]),
  );
  const images = new Map<string, string[]>();
  const unnumbered = new Set<string>();
  for (const path of imageFiles(join(folder, imagesFolder)).filter(ours)) {
    const named = /^(.*)_(\d{4})$/.exec(stemOf(path));
    if (named === null) {
      const id = stemOf(path);
      refused.push({
        id,
        reason: `is ${imagesFolder}/${basename(path)}, without a channel number; call it ${id}_0000`,
      });
      unnumbered.add(id);
      continue;
    }
    const list = images.get(named[1]!) ?? [];
    const channel = Number(named[2]);
    if (list[channel] !== undefined) {
      refused.push({
        id: named[1]!,
        reason: `has ${basename(list[channel])} and ${basename(path)} for one channel; keep one`,
      });
    }
    list[channel] = resolve(path);
    images.set(named[1]!, list);
  }
  for (const [id, path] of masks) {
    if (!images.has(id) && !unnumbered.has(id))
      refused.push({
        id,
        reason: `has the mask ${masksFolder}/${basename(path)} but no image; add ${id}_0000${ending} to ${imagesFolder}, or remove the mask`,
      });
  }
  const twice = new Set(refused.map(({ id }) => id));
  return [...images].flatMap(([id, files]) => {
    if (twice.has(id)) return [];
    const present = Array.from({ length: channels }, (_, channel) => files[channel]);
    const missing = present.flatMap((file, channel) => (file === undefined ? [channel] : []));
    const mask = masks.get(id) ?? null;
    const reason =
      missing.length > 0
        ? `lacks channel ${missing.join(', ')} in ${imagesFolder}; add the file`
        : mask === null && part === 'train'
          ? `has no mask in ${masksFolder}; add it or remove the scan`
          : null;
    if (reason !== null) {
      refused.push({ id, reason });
      return [];
    }
    return [{ id, patient: id, images: present as string[], mask: mask === null ? null : resolve(mask), part }];
  });
}

/** Values of `{ "0": a, "1": b }` in numeric order of their keys. */
function byNumber(record: Record<string, string>): string[] {
  return Object.entries(record)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, value]) => value);
}

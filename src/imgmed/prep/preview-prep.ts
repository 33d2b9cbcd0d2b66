import { messageOf } from '../../domain/errors.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';
import type { Slice } from '../augment.ts';
import { picturePath } from '../check/draw-case.ts';
import type { ClassMap } from '../class-map.ts';
import { type SplitName, splitNames } from '../split-patients.ts';
import { orientationOf, stackingAxis } from '../volume/orientation.ts';
import { indexOf, positionOf } from '../volume/place-on-grid.ts';
import { channelOf, type Triple, type Volume } from '../volume/volume.ts';
import { planPrep } from './plan-prep.ts';
import type { PrepSettings } from './prep-settings.ts';
import { type PrepareCaseOptions, type PreparedCase, prepareCase } from './prepare-case.ts';
import { chooseChannels } from './prepare-volume.ts';
import { type Panel, writePanels } from './preview-picture.ts';

export interface PreviewOptions {
  /** Folder for the pictures. */
  pictures: string;
  /** Number of cases drawn from each part of the split. */
  casesOfPart?: number;
  slicesOfCase?: number;
}

/** One slice before and after `prep`, pictured with a training slice's first augmented copy if `augment` is set. */
export interface SlicePicture {
  case: string;
  part: SplitName;
  /** The slice's id in the data set that `prep` would write. */
  slice: string;
  picture: string;
  /** The scan as stored, with the position of its nearest slice along the stacking axis. */
  before: { size: Triple; spacingMm: Triple; orientation: string; position: number };
  /** The slice's values and its pixels of each class. */
  after: { spacingMm: [number, number]; least: number; greatest: number; classPixels: Record<string, number> };
}

export interface PrepPreview {
  name: string;
  layout: string;
  /** Number of cases in each part. */
  parts: Record<SplitName, number>;
  height: number;
  width: number;
  classes: { name: string; values: number[] }[];
  pictures: SlicePicture[];
  /** Cases that `prep` would leave out, and drawn cases that cannot be prepared. */
  failures: { id: string; reason: string }[];
  problems: string[];
}

/** Draws what `prep` would do to a few slices, without writing any of the data set. */
export async function previewPrep(
  config: PrepSettings,
  { pictures: folder, casesOfPart = 1, slicesOfCase = 3 }: PreviewOptions,
): Promise<PrepPreview> {
  const { list, left, division, problems, classMap, tasks } = await planPrep(config);
  const partOf = ({ scanCase }: PrepareCaseOptions) => division.patients[scanCase.patient]!;
  const of = (part: SplitName) => tasks.filter((task) => partOf(task) === part);
  makeFolder(folder);
  const pictures: SlicePicture[] = [];
  const failures = [...left];
  for (const task of splitNames.flatMap((part) => of(part).slice(0, casesOfPart))) {
    try {
      pictures.push(...(await drawCase(task, partOf(task), folder, slicesOfCase)));
    } catch (error) {
      failures.push({ id: task.scanCase.id, reason: messageOf(error) });
    }
  }
  return {
    name: config.name ?? list.name,
    layout: list.layout,
    parts: { train: of('train').length, validation: of('validation').length, test: of('test').length },
    height: config.size.height,
    width: config.size.width,
    classes: classMap.classes.map((name, label) => ({ name, values: valuesOfClass(classMap, label) })),
    pictures,
    failures,
    problems: [...problems, ...list.shortfalls],
  };
}

function valuesOfClass({ values }: ClassMap, label: number): number[] {
  return values.filter(([, number]) => number === label).map(([value]) => value);
}

async function drawCase(
  task: PrepareCaseOptions,
  part: SplitName,
  folder: string,
  wanted: number,
): Promise<SlicePicture[]> {
  const made = await prepareCase({ ...task, copies: Math.min(1, task.copies) });
  const scan = chooseChannels(made.loaded.scan, task.config.channels, task.channelNames);
  const chosen = new Map(chosenSlices(made, wanted).map((id): [string, Slice[]] => [id, []]));
  for (const { id, slice } of made.slices) chosen.get(originalOf(id))?.push(slice);
  const drawn: SlicePicture[] = [];
  for (const [id, [slice, ...copies]] of chosen) {
    const position = positionBefore(id, scan, made, task.config);
    const picture = picturePath(folder, id, part);
    const after = [slice!, ...copies].map((one): Panel => ({ ...one, spacingMm: made.spacingMm, outside: null }));
    await writePanels(picture, [panelBefore(scan, made, task.config, position), ...after]);
    const { size, spacingMm } = scan;
    const before = { size, spacingMm, orientation: orientationOf(scan), position };
    drawn.push({ case: task.scanCase.id, part, slice: id, picture, before, after: factsOf(slice!, made, task) });
  }
  return drawn;
}

/** Id of a copy's original: `la_003-z41-a1` → `la_003-z41`. */
function originalOf(id: string): string {
  return id.replace(/(-[xyz]\d+)-a\d+$/, '$1');
}

/** Evenly spaced slices among those with foreground, or among all if none has any. */
function chosenSlices({ slices }: PreparedCase, wanted: number): string[] {
  const all: string[] = [];
  const full: string[] = [];
  for (const { id, slice } of slices) {
    if (originalOf(id) !== id) continue;
    all.push(id);
    if (slice.labels.some((label) => label !== 0)) full.push(id);
  }
  const among = full.length > 0 ? full : all;
  const count = Math.min(wanted, among.length);
  return Array.from({ length: count }, (_, index) => among[Math.floor(((index + 0.5) * among.length) / count)]!);
}

/** Position of a slice's middle in the scan as stored, along the stacking axis of the same plane. */
function positionBefore(id: string, scan: Volume, { prepared, grid }: PreparedCase, config: PrepSettings): number {
  const middle = prepared.size.map((length) => (length - 1) / 2) as Triple;
  middle[grid.axis] = Number(/\d+$/.exec(id)![0]);
  const axis = stackingAxis(orientationOf(scan), config.slices.plane);
  const there = Math.round(indexOf(positionOf(middle, prepared), scan)[axis]!);
  return Math.min(scan.size[axis] - 1, Math.max(0, there));
}

/** A slice of the scan as stored; mask values that belong to no class are marked. */
function panelBefore(scan: Volume, made: PreparedCase, { slices }: PrepSettings, position: number): Panel {
  const { truth, classes } = made.loaded;
  const axis = stackingAxis(orientationOf(scan), slices.plane);
  const [columns, rows] = [0, 1, 2].filter((other) => other !== axis) as [0 | 1 | 2, 0 | 1 | 2];
  const strides = [1, scan.size[0], scan.size[0] * scan.size[1]] as const;
  const [width, height] = [scan.size[columns], scan.size[rows]];
  const at = (pixel: number) =>
    position * strides[axis] + (pixel % width) * strides[columns] + Math.floor(pixel / width) * strides[rows];
  const pixels = Array.from({ length: width * height }, (_, pixel) => at(pixel));
  const image = new Float32Array(pixels.length * scan.channels);
  for (let channel = 0; channel < scan.channels; channel++) {
    const values = channelOf(scan, channel);
    for (const [pixel, index] of pixels.entries()) image[pixel * scan.channels + channel] = values[index]!;
  }
  return {
    ...{ width, height, channels: scan.channels, image },
    labels: Uint8Array.from(pixels, (index) => classes[index]!),
    outside: Uint8Array.from(pixels, (index) => (classes[index] === 0 && truth.data[index] !== 0 ? 1 : 0)),
    spacingMm: [scan.spacingMm[rows], scan.spacingMm[columns]],
  };
}

function factsOf({ image, labels }: Slice, { spacingMm }: PreparedCase, { classMap }: PrepareCaseOptions) {
  const counts = classMap.classes.map((): number => 0);
  for (const label of labels) counts[label]! += 1;
  return {
    spacingMm,
    least: image.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    greatest: image.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
    classPixels: Object.fromEntries(classMap.classes.map((name, label) => [name, counts[label]!])),
  };
}

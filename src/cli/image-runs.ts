import { basename, join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { AutopilotError, messageOf } from '../domain/errors.ts';
import { inColours } from '../imgmed/load-case.ts';
import type { PictureRange } from '../imgmed/operations/picture-numbers.ts';
import { isPicturePath, saveImage, writtenEndings } from '../imgmed/operations/save-image.ts';
import { formatOf, isFolder, stemOf } from '../imgmed/reading/file-format.ts';
import { readVolume } from '../imgmed/reading/read-volume.ts';
import { type Plane, planes } from '../imgmed/volume/orientation.ts';
import type { Volume } from '../imgmed/volume/volume.ts';
import { counted, printJson, printText } from './output.ts';

/** Options shared by the operations of `image` that write files. */
export interface ImageOutput {
  out: string;
  as?: (typeof writtenEndings)[number];
  overwrite?: boolean;
  json?: boolean;
  range?: PictureRange;
  rgb?: boolean;
  plane?: Plane;
}

export function withImageOutput(command: Command): Command {
  return command
    .argument('<images...>', 'NIfTI, MetaImage, NRRD, PNG, JPEG, TIFF, DICOM files, or folders of a DICOM series')
    .requiredOption('--out <path>', 'a file (for one image), or a folder')
    .addOption(
      new Option('--as <ending>', "format of files in that folder (default: the image's own)").choices([
        ...writtenEndings,
      ]),
    )
    .option(
      '--range <range>',
      'pictures: values for black and white, as -160,240 or 1%,99% or minmax (default: unscaled)',
      rangeOf,
    )
    .option('--rgb', 'RGB pictures from 3 channels, else a grey one for each channel (colour pictures stay in colour)')
    .addOption(new Option('--plane <plane>', 'pictures: which slices (default: as stored)').choices([...planes]))
    .option('--overwrite', 'replace existing files')
    .option('--json', 'print JSON');
}

export interface MadeImage {
  volume: Volume;
  /** Put between name and ending: `-a1`. */
  suffix?: string;
  /** Labels are not scaled by `--range`. */
  isMask?: boolean;
}

export interface ImageRun {
  /** Whether palettes become colours; otherwise their indices stay. */
  colours: boolean;
  make(volume: Volume, path: string, target: string): MadeImage[] | Promise<MadeImage[]>;
}

/** Reads each image and writes those made from it. A failure is reported and sets exit code 1; the rest continue. */
export async function runImages(paths: readonly string[], options: ImageOutput, run: ImageRun): Promise<void> {
  const targets = paths.map((path) => targetOf(path, paths.length, options));
  const twice = targets.find((target, index) => targets.indexOf(target) !== index);
  if (twice !== undefined) {
    throw new AutopilotError('usage.out', `--out: two images would be written as ${twice}; write them to two folders`);
  }
  const own = targets.find((target) => paths.some((path) => resolve(path) === resolve(target)));
  if (own !== undefined) throw new AutopilotError('usage.out', `--out: ${own} is the image itself; name another file`);
  const written: { image: string; files: string[] }[] = [];
  const failures: { image: string; reason: string }[] = [];
  for (const [index, path] of paths.entries()) {
    try {
      const read = await readVolume(path);
      for (const note of read.notes ?? []) process.stderr.write(`${path}: ${note}\n`);
      const files: string[] = [];
      for (const { volume, suffix = '', isMask = false } of await run.make(
        run.colours ? inColours(read) : read,
        path,
        targets[index]!,
      )) {
        const range = isMask ? undefined : options.range;
        const { overwrite = false, plane } = options;
        // In a picture or DICOM file three channels are colours; in other files they may be time points.
        const inColour = volume.channels === 3 && ['raster', 'dicom'].includes(formatOf(path) ?? 'dicom');
        const rgb = !isMask && (options.rgb === true || inColour);
        const save = { overwrite, rgb, plane, range };
        files.push(...(await saveImage(volume, named(targets[index]!, suffix), save)));
      }
      written.push({ image: path, files });
    } catch (error) {
      const reason = messageOf(error);
      failures.push({ image: path, reason: reason.includes(path) ? reason : `${path}: ${reason}` });
    }
  }
  if (options.json) printJson({ written, failures });
  else
    for (const { files } of written)
      printText(files.length > 4 ? `${files[0]} … ${files.at(-1)} (${files.length} files)` : files.join('\n'));
  if (failures.length === 0) return;
  for (const { reason } of failures) process.stderr.write(`${reason}\n`);
  if (paths.length > 1) process.stderr.write(`${failures.length} of ${counted(paths.length, 'image')} failed\n`);
  process.exitCode = 1;
}

/** The file an image is written to: `--out` itself, or the image's name in that folder. */
function targetOf(path: string, count: number, { out, as }: ImageOutput): string {
  if (writtenEndings.some((ending) => out.toLowerCase().endsWith(`.${ending}`)) || isPicturePath(out)) {
    if (count === 1 && as === undefined) return out;
    const why = as === undefined ? `is one file, but there are ${count} images` : `is a file, but --as is for folders`;
    throw new AutopilotError('usage.out', `--out: ${out} ${why}; name a folder`);
  }
  if (formatOf(out) !== null) {
    throw new AutopilotError(
      'usage.out',
      `--out: ${out} has an ending that cannot be written; choose one of ${writtenEndings.join(', ')}`,
    );
  }
  const name = stemOf(path.replace(/[/\\]+$/, ''));
  const own = isFolder(path)
    ? ''
    : basename(path)
        .slice(name.length + 1)
        .toLowerCase();
  const ending = as ?? [...writtenEndings, 'jpeg', 'tiff'].find((known) => known === own);
  if (ending !== undefined) return join(out, `${name}.${ending}`);
  throw new AutopilotError('usage.as', `${path}: name the format to write: --as ${writtenEndings.join(', ')}`);
}

function named(target: string, suffix: string): string {
  const stem = stemOf(target);
  return join(
    target.slice(0, target.length - basename(target).length),
    `${stem}${suffix}${basename(target).slice(stem.length)}`,
  );
}

function rangeOf(text: string): PictureRange {
  if (text === 'minmax') return text;
  const [first = '', second = '', ...more] = text.split(',');
  const percent = first.endsWith('%') && second.endsWith('%');
  const [low, high] = [first, second].map((part) =>
    part.trim() === '' ? Number.NaN : Number(part.replace(percent ? /%$/ : '', '')),
  ) as [number, number];
  const bounded = !percent || (low >= 0 && high <= 100);
  if (more.length === 0 && low < high && bounded) return { low, high, percent };
  throw new InvalidArgumentError('Give two values (-160,240), two percentiles (1%,99%), or minmax.');
}

/** A parser of comma-separated numbers: `350,350`. */
export function numbersOf(counts: readonly number[], isGood: (value: number) => boolean, what: string) {
  return (text: string): number[] => {
    const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
    if ((counts.length === 0 || counts.includes(numbers.length)) && numbers.every(isGood)) return numbers;
    throw new InvalidArgumentError(`Give ${what}.`);
  };
}

import { Command, InvalidArgumentError, Option } from 'commander';
import { most } from '../../../config/sections/bounds.ts';
import { AutopilotError, messageOf } from '../../../domain/errors.ts';
import { readMask } from '../../../imgmed/load-case.ts';
import { augmentImage } from '../../../imgmed/operations/augment-image.ts';
import { type ImageFacts, imageFacts } from '../../../imgmed/operations/image-facts.ts';
import { reshape } from '../../../imgmed/operations/reshape.ts';
import { resizeImage } from '../../../imgmed/operations/resize.ts';
import { isPicturePath } from '../../../imgmed/operations/save-image.ts';
import { stemOf } from '../../../imgmed/reading/file-format.ts';
import { readVolume } from '../../../imgmed/reading/read-volume.ts';
import { type Plane, planes } from '../../../imgmed/volume/orientation.ts';
import type { Triple } from '../../../imgmed/volume/volume.ts';
import { type ImageOutput, type MadeImage, numbersOf, runImages, withImageOutput } from '../../image-runs.ts';
import { printJson, printText } from '../../output.ts';
import { wholeNumber } from '../../whole-number.ts';

const isCount = (value: number) => Number.isInteger(value) && value >= 1;
const isIndex = (value: number) => Number.isInteger(value) && value >= 0;

export function command(): Command {
  const image = new Command('image').description('Single operations on images: contents, format, shape, size, copies.');
  return image
    .addCommand(info())
    .addCommand(convert())
    .addCommand(reshaping())
    .addCommand(resize())
    .addCommand(augment());
}

function info(): Command {
  return new Command('info')
    .description('Describes images: size, number type, spacing, axes, values.')
    .argument('<images...>', 'image files, or folders of a DICOM series')
    .option('--json', 'print JSON')
    .action(async (paths: string[], { json }: { json?: boolean }) => {
      const facts: ({ image: string } & ImageFacts)[] = [];
      const failures: { image: string; reason: string }[] = [];
      for (const path of paths) {
        try {
          facts.push({ image: path, ...imageFacts(await readVolume(path)) });
        } catch (error) {
          failures.push({ image: path, reason: messageOf(error) });
        }
      }
      if (json) printJson({ images: facts, failures });
      else if (facts.length > 0) printText(facts.map(factsText).join('\n\n'));
      for (const { reason } of failures) process.stderr.write(`${reason}\n`);
      if (failures.length > 0) process.exitCode = 1;
    });
}

function factsText({ image, ...facts }: { image: string } & ImageFacts): string {
  const rows = facts.affine.map((row) => row.map((value) => String(Number(value.toPrecision(7)))).join(', '));
  const { notFinite, colours } = facts;
  return [
    image,
    `  size         ${facts.size.join(' × ')}${facts.channels > 1 ? `, ${facts.channels} channels` : ''}`,
    `  numbers      ${facts.type}${colours === null ? '' : `, of ${colours} colours`}`,
    `  values       ${facts.min} to ${facts.max}, mean ${Number(facts.mean.toPrecision(6))}${notFinite > 0 ? `, ${notFinite} NaN or infinite` : ''}`,
    `  spacing, mm  ${facts.spacingMm.map((value) => Number(value.toPrecision(7))).join(' × ')}`,
    `  axes         ${facts.orientation}`,
    `  affine, RAS  ${rows.join('\n               ')}`,
    ...facts.notes.map((note) => `  note         ${note}`),
  ].join('\n');
}

function convert(): Command {
  return withImageOutput(
    new Command('convert').description(
      'Writes the same voxels in another format; volumes as pictures of their slices.',
    ),
  ).action(async (paths: string[], options: ImageOutput) =>
    runImages(paths, options, { colours: options.rgb === true, make: (volume) => [{ volume }] }),
  );
}

interface ReshapeCommandOptions extends ImageOutput {
  channels?: number[];
  grey?: boolean;
  orientation?: string;
  slice?: { plane: Plane; position: number };
}

function reshaping(): Command {
  return withImageOutput(new Command('reshape').description('Gives the same voxels other dimensions or axes.'))
    .option(
      '--channels <list>',
      'channels (times, colours) to keep, such as 0 or 2,0: 4-D to 3-D',
      numbersOf([], isIndex, 'numbers from 0, as 0,2'),
    )
    .option('--grey', 'colours to brightness (ITU-R 601)')
    .option('--orientation <letters>', 'turn the axes to point in these directions, such as RAS')
    .option('--slice <slice>', 'take one slice, such as axial:40: 3-D to 2-D', sliceOf)
    .action(async (paths: string[], options: ReshapeCommandOptions) => {
      const { channels, grey, orientation, slice } = options;
      if (channels === undefined && !grey && orientation === undefined && slice === undefined) {
        throw new AutopilotError('usage.reshape', 'say what to change: --channels, --grey, --orientation or --slice');
      }
      const make: (...of: Parameters<typeof reshape>) => MadeImage[] = (volume, how) => [
        { volume: reshape(volume, how) },
      ];
      await runImages(paths, options, {
        colours: grey === true,
        make: (volume) => make(volume, { channels, grey, orientation, slice }),
      });
    });
}

function sliceOf(text: string): { plane: Plane; position: number } {
  const [name, number = ''] = text.split(':');
  const plane = planes.find((known) => known === name);
  if (plane !== undefined && /^\d+$/.test(number)) return { plane, position: Number(number) };
  throw new InvalidArgumentError(`Give a plane (${planes.join(', ')}) and a position from 0, as axial:40.`);
}

interface ResizeCommandOptions extends ImageOutput {
  size?: number[];
  spacing?: number[];
  order: '0' | '1' | '3';
  labels?: boolean;
  antialias: boolean;
}

function resize(): Command {
  return withImageOutput(
    new Command('resize').description('Resamples images to another number or size of voxels over the same extent.'),
  )
    .option(
      '--size <list>',
      'voxels along the axes as stored, such as 350,350 or 128,128,64',
      numbersOf([2, 3], isCount, '2 or 3 whole numbers, as 350,350'),
    )
    .option(
      '--spacing <list>',
      'size of a voxel in millimetres, such as 1,1,1',
      numbersOf([3], (value) => value > 0, '3 lengths in millimetres, as 1,1,1'),
    )
    .addOption(
      new Option('--order <order>', '0 nearest, 1 linear, 3 cubic spline').choices(['0', '1', '3']).default('1'),
    )
    .option('--labels', 'the image is a mask: take the nearest label, as --order 0 does')
    .option('--no-antialias', 'shrink without averaging over the voxels that are left out')
    .action(async (paths: string[], options: ResizeCommandOptions) => {
      const order = options.labels ? 0 : (Number(options.order) as 0 | 1 | 3);
      const { size, antialias } = options;
      const spacingMm = options.spacing as Triple | undefined;
      await runImages(paths, options, {
        colours: order > 0,
        make: (volume, _, target) => [
          { volume: resizeImage(volume, { size, spacingMm, order, antialias, keepType: isPicturePath(target) }) },
        ],
      });
    });
}

interface AugmentCommandOptions extends ImageOutput {
  copies: number;
  seed: number;
  rotation: number;
  zoom: number[];
  translation: number;
  flips: ('horizontal' | 'vertical')[];
  noise: number;
  mask?: string;
}

function augment(): Command {
  const atLeast0 = (text: string) => numbersOf([1], (value) => value >= 0, 'a number of at least 0')(text)[0]!;
  return withImageOutput(
    new Command('augment').description(
      'Writes augmented copies NAME-a1, NAME-a2, …, changed the way training slices are.',
    ),
  )
    .option('--copies <n>', 'copies of each image', wholeNumber({ limit: most.runs }), 1)
    .option(
      '--seed <n>',
      'the same seed and name give the same copies',
      (text) => numbersOf([1], isIndex, 'a whole number from 0')(text)[0]!,
      1,
    )
    .option('--rotation <degrees>', 'rotate by up to this, either way', atLeast0, 45)
    .option(
      '--zoom <range>',
      'enlarge by a factor in this range',
      numbersOf([2], (value) => value > 0, 'two factors, as 0.8,1.2'),
      [0.8, 1.2],
    )
    .option('--translation <pixels>', 'shift by up to this along one axis', atLeast0, 25.6)
    .addOption(
      new Option('--flips <directions...>', 'mirror half of the copies in each of these directions')
        .choices(['horizontal', 'vertical'])
        .default([]),
    )
    .option('--noise <deviation>', "standard deviation of added noise, in the image's units", atLeast0, 0)
    .option('--mask <file>', 'labels that move with the image (for one image): NAME-a1_mask')
    .action(async (paths: string[], options: AugmentCommandOptions) => {
      if (options.mask !== undefined && paths.length > 1) {
        throw new AutopilotError(
          'usage.mask',
          `--mask is for one image, but there are ${paths.length}; augment them one by one`,
        );
      }
      const mask = options.mask === undefined ? null : await readMask(options.mask);
      const { rotation: rotationDegrees, zoom, translation: translationPx, flips, noise, seed } = options;
      const how = { rotationDegrees, zoom: zoom as [number, number], translationPx, flips, noise };
      await runImages(paths, options, {
        colours: true,
        make: (volume, path) =>
          Array.from({ length: options.copies }, (_, index) => index + 1).flatMap((copy): MadeImage[] => {
            const changed = augmentImage(volume, mask, how, seed, stemOf(path), copy);
            return [
              { volume: changed.scan, suffix: `-a${copy}` },
              ...(changed.mask === null ? [] : [{ volume: changed.mask, suffix: `-a${copy}_mask`, isMask: true }]),
            ];
          }),
      });
    });
}

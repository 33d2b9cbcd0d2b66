import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { identityDirection, type VoxelArray } from '../../src/imgmed/volume/volume.ts';
import { writeSegmentation } from '../../src/imgmed/write-segmentation.ts';
import { writeVolume } from '../../src/imgmed/write-volume.ts';
import { runCli } from '../cli/run-cli.ts';
import { writeDicomSeries } from '../imgmed/dicom-file.ts';

const side = 32;
const report = z.object({
  summaries: z.array(z.object({ label: z.number(), metric: z.string(), n: z.number(), mean: z.number() })),
});

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'chains-'));
});
afterAll(() => rmSync(root, { recursive: true }));

/** Picture `index`: a bright square on a dull and uneven ground; and whether a pixel is in the square. */
function squareOf(index: number) {
  const [top, left] = [4 + ((index * 5) % 12), 4 + ((index * 7) % 12)];
  const inside = (pixel: number) => {
    const [row, column] = [Math.floor(pixel / side), pixel % side];
    return row >= top && row < top + 12 && column >= left && column < left + 12;
  };
  const pixels = Array.from({ length: side * side }, (_, pixel) => pixel);
  const brightness = pixels.map((pixel) => (inside(pixel) ? 190 : 40) + ((pixel * 37 + index * 11) % 23));
  return { brightness, mask: pixels.map((pixel) => (inside(pixel) ? 1 : 0)) };
}

interface Layout {
  /** Writes case `index` into `data/`, of which 6 and 7 are for predicting, and their truth where `truth` says. */
  write(folder: string, index: number): Promise<void>;
  json?: unknown;
  scans: string[];
  truth: string;
  label: number;
  predict?: string[];
}

const slab = (values: readonly number[], type: 'u1' | 'i2') => {
  const twice = [...values, ...values];
  const data: VoxelArray = type === 'u1' ? Uint8Array.from(twice) : Int16Array.from(twice);
  const place = { spacingMm: [1, 1, 2] as [number, number, number], originMm: [9, 8, 7] as [number, number, number] };
  return {
    ...place,
    size: [side, side, 2] as [number, number, number],
    direction: [...identityDirection],
    channels: 1,
    data,
  };
};

const layouts: Record<string, Layout> = {
  'nnU-Net’s of two channels': {
    async write(folder, index) {
      const { brightness, mask } = squareOf(index);
      const part = index < 6 ? 'Tr' : 'Ts';
      const inverse = brightness.map((value) => 300 - value);
      for (const [channel, values] of [brightness, inverse].entries()) {
        await writeVolume(slab(values, 'i2'), join(folder, `data/images${part}`, `k${index}_000${channel}.nii.gz`));
      }
      await writeVolume(slab(mask, 'u1'), join(folder, `data/labels${part}`, `k${index}.nii.gz`));
    },
    json: {
      ...{ channel_names: { 0: 'T1', 1: 'inverse' }, labels: { background: 0, square: 1 } },
      ...{ numTraining: 6, file_ending: '.nii.gz' },
    },
    scans: [6, 7].flatMap((index) => [`imagesTs/k${index}_0000.nii.gz`, `imagesTs/k${index}_0001.nii.gz`]),
    truth: 'data/labelsTs',
    label: 1,
  },
  'pictures with masks of 0 and 255': {
    async write(folder, index) {
      const { brightness, mask } = squareOf(index);
      const place = (part: string) => {
        mkdirSync(join(folder, part), { recursive: true });
        return join(folder, part, `c${index}.png`);
      };
      const save = (values: readonly number[], path: string) =>
        sharp(Uint8Array.from(values), { raw: { width: side, height: side, channels: 1 } })
          .toColourspace('b-w')
          .toFile(path);
      const black = mask.map((value) => 255 * value);
      await save(brightness, place('data/images'));
      await save(black, place('data/masks'));
      if (index >= 6) await save(black, place('truth'));
    },
    scans: ['images/c6.png', 'images/c7.png'],
    truth: 'truth',
    label: 255,
  },
  'the Decathlon': {
    async write(folder, index) {
      const { brightness, mask } = squareOf(index);
      const part = index < 6 ? 'Tr' : 'Ts';
      await writeVolume(slab(brightness, 'i2'), join(folder, `data/images${part}`, `m${index}.nii.gz`));
      const labels = mask.map((value) => 2 * value);
      await writeVolume(slab(labels, 'u1'), join(folder, index < 6 ? 'data/labelsTr' : 'truth', `m${index}.nii.gz`));
    },
    json: {
      ...{ modality: { 0: 'CT' }, labels: { 0: 'background', 2: 'square' }, numTraining: 6 },
      training: [0, 1, 2, 3, 4, 5].map((n) => ({ image: `./imagesTr/m${n}.nii.gz`, label: `./labelsTr/m${n}.nii.gz` })),
      test: ['./imagesTs/m6.nii.gz', './imagesTs/m7.nii.gz'],
    },
    scans: ['imagesTs/m6.nii.gz', 'imagesTs/m7.nii.gz'],
    truth: 'truth',
    label: 2,
  },
  'a folder for each case': {
    async write(folder, index) {
      const { brightness, mask } = squareOf(index);
      const place = join(folder, 'data/site', `p${index}`);
      await writeVolume(slab(brightness, 'i2'), join(place, 'image.nii.gz'));
      await writeVolume(slab(mask, 'u1'), join(place, 'image_seg.nii.gz'));
      if (index >= 6) await writeVolume(slab(brightness, 'i2'), join(folder, 'new', `p${index}.nii.gz`));
      if (index >= 6) await writeVolume(slab(mask, 'u1'), join(folder, 'truth', `p${index}.nii.gz`));
    },
    scans: ['../new/p6.nii.gz', '../new/p7.nii.gz'],
    truth: 'truth',
    label: 1,
  },
  'DICOM series with segmentation objects': {
    async write(folder, index) {
      const { brightness, mask } = squareOf(index);
      const place = join(folder, 'data', `d${index}`);
      const series = join(place, 'images');
      mkdirSync(series, { recursive: true });
      writeDicomSeries(slab(brightness, 'i2'), series, `${index}-patient`);
      const made = { mask: slab(mask, 'u1'), series, labels: [{ value: 1, name: 'square' }], algorithm: 'by hand' };
      await writeSegmentation(made, join(place, 'seg.dcm'));
      if (index < 6) return;
      // A folder of a series gives its prediction the folder's name.
      const scan = join(folder, 'new', `d${index}`);
      mkdirSync(scan, { recursive: true });
      writeDicomSeries(slab(brightness, 'i2'), scan, `${index}-patient`);
      mkdirSync(join(folder, 'truth'), { recursive: true });
      await writeSegmentation({ ...made, series: scan }, join(folder, 'truth', `d${index}.dcm`));
    },
    scans: ['../new/d6', '../new/d7'],
    truth: 'truth',
    label: 1,
    predict: ['--masks', 'dicom'],
  },
};

it.each(Object.keys(layouts))(
  'prep, run, publish, predict and eval close the chain of %s above a dice of 0.9',
  async (name) => {
    const { write, json, scans, truth, label, predict = [] } = layouts[name]!;
    const folder = mkdtempSync(join(root, 'set-'));
    const data = join(folder, 'data');
    mkdirSync(data);
    for (let index = 0; index < 8; index++) await write(folder, index);
    if (json !== undefined) writeFileSync(join(data, 'dataset.json'), JSON.stringify(json));
    const split = { train: 6, validation: 0, test: 2 };
    const size = { height: side, width: side };
    writeFileSync(
      join(folder, 'prep.yaml'),
      JSON.stringify({ input: 'data', output: 'slices', slices: { count: 'all' }, size, split }),
    );
    const study = {
      ...{ name: 'chain', workers: 1, batchPerWorker: 2, epochs: 60, budget: { iterations: 1 } },
      model: { architecture: 'unet', channels: 4, depth: 2 },
      data: { kind: 'slices', path: 'slices' },
      setting: { initialLr: 0.01, warmupEpochs: 1, optimizer: 'adam' },
    };
    writeFileSync(join(folder, 'study.yaml'), JSON.stringify(study));
    const cli = async (...argv: string[]) => {
      const done = await runCli(argv, { cwd: folder, env: { NODE_NO_WARNINGS: '1' } });
      expect([0, 3], `${argv.join(' ')}: ${done.stdout}${done.stderr}`).toContain(done.code);
      return done;
    };
    await cli('prep', 'prep.yaml');
    await cli('run', 'study.yaml');
    await cli('models', 'publish', 'runs/chain.iteration-0', '--name', 'square', '--licence', 'CC0-1.0');
    const paths = scans.map((scan) => `data/${scan}`);
    await cli('models', 'predict', 'zoo/square', ...paths, '--out', 'predicted', ...predict);
    const { code, stdout } = await cli('eval', 'predicted', truth, '--json');
    expect(code).toBe(0);
    const dice = report.parse(JSON.parse(stdout)).summaries.filter(({ metric }) => metric === 'dice');
    expect(dice).toMatchObject([{ label, n: 2 }]);
    expect(dice[0]!.mean).toBeGreaterThan(0.9);
  },
  600_000,
);

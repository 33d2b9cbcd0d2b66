import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSegmentationNode } from '@itk-wasm/dicom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { quietly } from '../../src/imgmed/reading/quiet-pipeline.ts';
import { readVolume } from '../../src/imgmed/reading/read-volume.ts';
import { crop } from '../../src/imgmed/volume/crop.ts';
import { geometryDifference, type Volume } from '../../src/imgmed/volume/volume.ts';
import { writeSegmentation } from '../../src/imgmed/write-segmentation.ts';
import { writeVolume } from '../../src/imgmed/write-volume.ts';
import { readZooModel } from '../../src/trainer/zoo-model/zoo-model.ts';
import { runCli } from '../cli/run-cli.ts';
import { writeDicomSeries } from '../imgmed/dicom-file.ts';
import { sampleMask, sampleScan } from '../imgmed/sample-volume.ts';
import { present } from '../support/required.ts';

const ch2 = '/usr/share/mricron/templates/ch2.nii.gz';
const real = present('mricron', existsSync(ch2), 'predicting on a real series needs Debian’s mricron-data');
/** 30° about the first axis, and 20° about the last. */
const oblique = (() => {
  const [a, b] = [Math.PI / 6, Math.PI / 9];
  const [cosA, sinA, cosB, sinB] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)];
  return [cosB, -sinB * cosA, sinB * sinA, sinB, cosB * cosA, -cosB * sinA, 0, sinA, cosA];
})();

let folder: string;
const cli = (...argv: string[]) => runCli(argv, { cwd: folder, env: { NODE_NO_WARNINGS: '1' } });
const valuesOf = ({ data }: Volume) => [...new Set(data as Iterable<number>)].sort((a, b) => a - b);

function overlap({ data: a }: Volume, { data: b }: Volume): number {
  let [both, sum] = [0, 0];
  for (let index = 0; index < a.length; index++) {
    both += a[index] !== 0 && b[index] !== 0 ? 1 : 0;
    sum += (a[index] !== 0 ? 1 : 0) + (b[index] !== 0 ? 1 : 0);
  }
  return (2 * both) / sum;
}

/** Six nnU-Net cases whose ball is label 4, prepared, trained on and published, all through the command line. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scans-to-masks-'));
  for (const part of ['imagesTr', 'labelsTr']) mkdirSync(join(folder, 'task', part), { recursive: true });
  for (let index = 0; index < 6; index++) {
    const scan = sampleScan([16, 16, 12]);
    scan.data[0] = 100 + index;
    const mask = sampleMask([16, 16, 12]);
    await writeVolume(scan, join(folder, 'task/imagesTr', `case${index}_0000.nii.gz`));
    await writeVolume(
      { ...mask, data: mask.data.map((value) => 4 * value) },
      join(folder, 'task/labelsTr', `case${index}.nii.gz`),
    );
  }
  const labels = { background: 0, ball: 4 };
  const json = { channel_names: { 0: 'T1' }, labels, numTraining: 6, file_ending: '.nii.gz' };
  writeFileSync(join(folder, 'task/dataset.json'), JSON.stringify(json));
  const prep = {
    input: 'task',
    output: 'slices',
    slices: { count: 'all', foregroundOnly: true },
    size: { height: 16, width: 16, fit: 'stretch' },
  };
  const setting = { initialLr: 0.01, warmupEpochs: 1, optimizer: 'adam' };
  const study = {
    name: 'balls',
    workers: 2,
    batchPerWorker: 1,
    epochs: 8,
    model: { architecture: 'unet', channels: 4, depth: 2 },
    data: { kind: 'slices', path: 'slices' },
    setting,
    budget: { iterations: 1 },
  };
  writeFileSync(join(folder, 'prep.yaml'), JSON.stringify({ ...prep, split: { train: 4, validation: 0, test: 2 } }));
  writeFileSync(join(folder, 'study.yaml'), JSON.stringify(study));
  for (const argv of [
    ['prep', 'prep.yaml'],
    ['run', 'study.yaml'],
  ]) {
    const { code, stdout, stderr } = await cli(...argv);
    expect([0, 3], `${argv.join(' ')}: ${stdout}${stderr}`).toContain(code);
  }
  const named = ['--name', 'ball', '--licence', 'CC0-1.0'];
  const { stdout } = await cli('models', 'publish', 'runs/balls.iteration-0', ...named, '--json');
  expect(JSON.parse(stdout)).toEqual({ model: 'zoo/ball', weights: readZooModel(join(folder, 'zoo/ball')).weights });
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe('a model from scans to masks, through the command line', { timeout: 120_000 }, () => {
  it('keeps the data set’s label values when it is published, and predicts with them', async () => {
    expect(readZooModel(join(folder, 'zoo/ball')).input).toMatchObject({
      classes: ['background', 'ball'],
      labelValues: [0, 4],
    });
    const predicted = await cli('models', 'predict', 'zoo/ball', 'task/imagesTr/case0_0000.nii.gz');
    expect(predicted).toMatchObject({ code: 0, stdout: 'predictions/case0.nii.gz\n', stderr: '' });
    const mask = await readVolume(join(folder, 'predictions/case0.nii.gz'));
    const truth = await readVolume(join(folder, 'task/labelsTr/case0.nii.gz'));
    expect(geometryDifference(mask, truth)).toBeNull();
    expect(valuesOf(mask)).toEqual([0, 4]);
    expect(overlap(mask, truth)).toBeGreaterThan(0.7);
  });

  it('names predictions so that eval finds their truth', async () => {
    const scans = [0, 1, 2].map((index) => `task/imagesTr/case${index}_0000.nii.gz`);
    expect(await cli('models', 'predict', 'zoo/ball', ...scans, '--out', 'chain')).toMatchObject({ code: 0 });
    mkdirSync(join(folder, 'truth'));
    for (const index of [0, 1, 2]) {
      copyFileSync(join(folder, `task/labelsTr/case${index}.nii.gz`), join(folder, `truth/case${index}.nii.gz`));
    }
    const { code, stdout, stderr } = await cli('eval', 'chain', 'truth', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { summaries } = z
      .object({
        summaries: z.array(z.object({ label: z.number(), metric: z.string(), n: z.number(), mean: z.number() })),
      })
      .parse(JSON.parse(stdout));
    const dice = summaries.find(({ metric }) => metric === 'dice')!;
    expect(dice).toMatchObject({ label: 4, n: 3 });
    expect(dice.mean).toBeGreaterThan(0.7);
  });

  it('predicts on an oblique DICOM series in its own geometry, as NIfTI and as a segmentation object', async () => {
    const scan = { ...sampleScan([16, 16, 12]), direction: oblique };
    for (const name of ['a', 'b']) {
      mkdirSync(join(folder, 'patients', name, 'images'), { recursive: true });
      writeDicomSeries(scan, join(folder, 'patients', name, 'images'), `patient-${name}`);
    }
    const series = ['patients/a/images', 'patients/b/images'];
    const nifti = await cli('models', 'predict', 'zoo/ball', ...series, '--out', 'nifti');
    expect(nifti).toMatchObject({ stdout: 'nifti/a-images.nii.gz\nnifti/b-images.nii.gz\n', stderr: '', code: 0 });
    const seg = await cli('models', 'predict', 'zoo/ball', ...series, '--out', 'seg', '--masks', 'dicom');
    expect(seg).toMatchObject({ stdout: 'seg/a-images.dcm\nseg/b-images.dcm\n', stderr: '', code: 0 });
    const [a, b] = await Promise.all([
      readVolume(join(folder, series[0]!)),
      readVolume(join(folder, 'seg/a-images.dcm')),
    ]);
    const mask = await readVolume(join(folder, 'nifti/a-images.nii.gz'));
    expect(geometryDifference(a, scan)).toBeNull();
    expect(geometryDifference(mask, scan)).toBeNull();
    expect(geometryDifference(b, scan)).toBeNull();
    expect(overlap(mask, sampleMask([16, 16, 12]))).toBeGreaterThan(0.7);
    // One segment, number 1, where the data set has label 4.
    expect([...b.data]).toEqual(Array.from(mask.data, (value) => value / 4));
    const { metaInfo } = await quietly(() => readSegmentationNode(join(folder, 'seg/b-images.dcm')));
    expect(metaInfo).toMatchObject({
      segmentAttributes: [[{ SegmentLabel: 'ball', SegmentAlgorithmType: 'AUTOMATIC', SegmentAlgorithmName: 'ball' }]],
    });
  });

  it('says what a segmentation object cannot be written for, and goes on with the next scan', async () => {
    const scans = ['task/imagesTr/case1_0000.nii.gz', 'patients/a/images'];
    const { code, stdout, stderr } = await cli('models', 'predict', 'zoo/ball', ...scans, '--masks', 'dicom');
    expect(stderr).toContain(
      'task/imagesTr/case1_0000.nii.gz: is not a DICOM series, and a DICOM SEG refers to the slices of one; use --masks nifti, or name the folder of its series\n',
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'predictions/images.dcm\n' });
    const empty = { ...sampleMask([16, 16, 12]), data: new Uint8Array(16 * 16 * 12) };
    const options = { mask: empty, series: join(folder, scans[1]!), labels: [{ value: 1, name: 'a' }], algorithm: 'm' };
    await expect(writeSegmentation(options, join(folder, 'empty.dcm'))).rejects.toThrow(
      'empty.dcm: not written: nothing was segmented, but a DICOM SEG holds at least one voxel; write NIfTI to get the empty mask',
    );
    expect(existsSync(join(folder, 'empty.dcm'))).toBe(false);
  });

  it.runIf(real)('gives a real head as a DICOM series the very mask that it has as NIfTI', async () => {
    const head = await readVolume(ch2);
    const slab = crop(head, { from: [20, 20, 60], to: [160, 200, 90] });
    mkdirSync(join(folder, 'head'), { recursive: true });
    writeDicomSeries({ ...slab, direction: oblique }, join(folder, 'head'), 'human-head');
    await writeVolume({ ...slab, direction: oblique }, join(folder, 'head.nii.gz'));
    const scans = ['head', 'head.nii.gz'];
    for (const [index, scan] of scans.entries()) {
      const done = await cli('models', 'predict', 'zoo/ball', scan, '--out', `head-${index}`);
      expect(done).toMatchObject({ code: 0, stderr: '' });
    }
    const [dicom, nifti] = await Promise.all(
      scans.map((_, index) => readVolume(join(folder, `head-${index}`, 'head.nii.gz'))),
    );
    expect(geometryDifference(dicom!, { ...slab, direction: oblique })).toBeNull();
    expect(overlap(dicom!, nifti!)).toBeGreaterThan(0.999);
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetReport } from '../../src/imgmed/check/check-dataset.ts';
import { crop } from '../../src/imgmed/volume/crop.ts';
import type { Volume } from '../../src/imgmed/volume/volume.ts';
import { writeSegmentation } from '../../src/imgmed/write-segmentation.ts';
import { writeVolume } from '../../src/imgmed/write-volume.ts';
import type { Dataset } from '../../src/trainer/data/dataset.ts';
import { loadSlices, readManifest } from '../../src/trainer/data/slices.ts';
import { runCli } from '../cli/run-cli.ts';
import { writeDicomSeries } from './dicom-file.ts';
import { sampleMask, sampleScan } from './sample-volume.ts';

const ids = ['case-a', 'case-b', 'case-c', 'case-d'];
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layouts-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Scans of the same ball, each with a voxel of its own. */
function scanOf(index: number): Volume {
  const scan = sampleScan();
  scan.data[0] = 100 + index;
  return scan;
}

type Writer = (input: string) => Promise<void>;

const nnunet: Writer = async (input) => {
  for (const part of ['imagesTr', 'labelsTr']) mkdirSync(join(input, part));
  for (const [index, id] of ids.entries()) {
    const scan = scanOf(index);
    const inverse = { ...scan, data: scan.data.map((value) => 200 - value) };
    await writeVolume(scan, join(input, 'imagesTr', `${id}_0000.nii.gz`));
    await writeVolume(inverse, join(input, 'imagesTr', `${id}_0001.nii.gz`));
    const mask = sampleMask();
    await writeVolume({ ...mask, data: mask.data.map((value) => 4 * value) }, join(input, 'labelsTr', `${id}.nii.gz`));
  }
  const channelNames = { 0: 'T1', 1: 'inverse' };
  const labels = { background: 0, ball: 4 };
  const json = { channel_names: channelNames, labels, numTraining: 4, file_ending: '.nii.gz' };
  writeFileSync(join(input, 'dataset.json'), JSON.stringify(json));
};

const nrrdAndMetaImage: Writer = async (input) => {
  for (const part of ['images', 'masks']) mkdirSync(join(input, part));
  for (const [index, id] of ids.entries()) {
    await writeVolume(scanOf(index), join(input, 'images', `${id}.mha`));
    await writeVolume(sampleMask(), join(input, 'masks', `${id}.nrrd`));
  }
};

/** A segmentation object without the slices that hold no segment, as most programs write it. */
async function writeSegOfSomeSlices(place: string): Promise<void> {
  const mask = crop(sampleMask(), { from: [0, 0, 2], to: [12, 10, 7] });
  const options = { series: join(place, 'images'), labels: [{ value: 1, name: 'ball' }], algorithm: 'by hand' };
  await writeSegmentation({ mask, ...options }, join(place, 'seg.dcm'));
}

const dicom: Writer = async (input) => {
  for (const [index, id] of ids.entries()) {
    mkdirSync(join(input, id, 'images'), { recursive: true });
    writeDicomSeries(scanOf(index), join(input, id, 'images'), id);
    if (index > 0) await writeVolume(sampleMask(), join(input, id, 'mask.nii.gz'));
    else await writeSegOfSomeSlices(join(input, id));
  }
};

const png: Writer = async (input) => {
  for (const [index, id] of ids.entries()) {
    const [scan, mask] = [scanOf(index), sampleMask()];
    const raw = { width: 12, height: 10, channels: 1 as const };
    const slice = (values: Volume['data'], factor = 1) =>
      sharp(
        Uint8Array.from(values.subarray(4 * 120, 5 * 120), (value) => factor * value + (factor === 1 ? index : 0)),
        { raw },
      );
    await slice(scan.data)
      .toColourspace('b-w')
      .png()
      .toFile(join(input, `${id}.png`));
    await slice(mask.data, 255)
      .toColourspace('b-w')
      .png()
      .toFile(join(input, `${id}_mask.png`));
  }
};

async function checkedAndPrepared(name: string, write: Writer) {
  const input = join(folder, name);
  const output = join(folder, `${name}-slices`);
  mkdirSync(input);
  await write(input);
  const checked = await runCli(['data', 'check', input, '--pictures', join(folder, `${name}-check`), '--json']);
  const config = join(folder, `${name}.yaml`);
  const options = {
    slices: { count: 'all' },
    size: { height: 16, width: 16, fit: 'stretch' },
    split: { train: 2, validation: 0, test: 2 },
  };
  writeFileSync(config, JSON.stringify({ input, output, ...options, dtype: 'float32' }));
  const prepared = await runCli(['prep', config, '--workers', '2', '--json']);
  expect(prepared.code, prepared.stderr).toBe(0);
  return {
    report: JSON.parse(checked.stdout) as DatasetReport,
    data: loadSlices(output),
    manifest: readManifest(output),
  };
}

/** One channel of the training split. */
function channelOf({ splits, channels }: Dataset, channel: number): number[] {
  return [...splits.train.images.filter((_, index) => index % channels === channel)];
}

describe('data check and prep through the command line', { timeout: 60_000 }, () => {
  let reference: Awaited<ReturnType<typeof checkedAndPrepared>>;
  beforeAll(async () => {
    reference = await checkedAndPrepared('pairs', nrrdAndMetaImage);
  }, 60_000);

  it('read MetaImage scans with NRRD masks', () => {
    expect(reference.report).toMatchObject({ layout: 'pairs', name: 'pairs', cases: 4, findings: [] });
    expect(reference.data).toMatchObject({ channels: 1, classes: ['background', 'foreground'] });
    const { labels } = reference.data.splits.train;
    expect(labels.filter((label) => label === 1).length).toBeGreaterThan(100);
  });

  it('read nnU-Net’s layout of two channels, and keep its label values for the masks predicted later', async () => {
    const { report, data, manifest } = await checkedAndPrepared('nnunet', nnunet);
    expect(report).toMatchObject({ layout: 'nnunet', name: 'nnunet', cases: 4, findings: [] });
    expect(manifest).toMatchObject({
      channels: ['T1', 'inverse'],
      classes: ['background', 'ball'],
      labelValues: [0, 4],
    });
    expect(data.splits.train.cases).toEqual(reference.data.splits.train.cases);
    expect(data.splits.train.labels).toEqual(reference.data.splits.train.labels);
    const [first, inverse] = [channelOf(data, 0), channelOf(data, 1)];
    expect(first).toEqual(channelOf(reference.data, 0));
    const sums = first.map((value, index) => Math.abs(value + inverse[index]!));
    expect(Math.max(...sums)).toBeLessThan(1e-4);
  });

  it('read DICOM series with NIfTI and SEG masks to the same slices as other formats', async () => {
    const { report, data } = await checkedAndPrepared('dicom', dicom);
    expect(report).toMatchObject({ layout: 'dicom', name: 'dicom', cases: 4, findings: [] });
    expect(data.splits.train.cases).toEqual(reference.data.splits.train.cases);
    expect(data.splits.train.labels).toEqual(reference.data.splits.train.labels);
    expect(channelOf(data, 0)).toEqual(channelOf(reference.data, 0));
  });

  it('read PNG pictures with PNG masks beside them', async () => {
    const { report, data } = await checkedAndPrepared('png', png);
    expect(report).toMatchObject({ layout: 'pairs', name: 'png', cases: 4, findings: [] });
    expect(data.splits.train).toMatchObject({ count: 2 });
    const { labels } = data.splits.test;
    expect(new Set(labels)).toEqual(new Set([0, 1]));
  });
});

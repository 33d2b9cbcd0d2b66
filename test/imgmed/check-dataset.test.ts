import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dataCheckPage } from '../../src/cli/dashboard/data-check-page.ts';
import { checkDataset, type DatasetReport } from '../../src/imgmed/check/check-dataset.ts';
import { reorient } from '../../src/imgmed/volume/orientation.ts';
import type { Volume } from '../../src/imgmed/volume/volume.ts';
import { writeVolume } from '../../src/imgmed/write-volume.ts';
import { sampleMask, sampleScan } from './sample-volume.ts';

let folder: string;
let report: DatasetReport;
const of = (kind: string) => report.findings.filter((finding) => finding.kind === kind);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'check-'));
  for (const part of ['imagesTr', 'labelsTr', 'imagesTs']) mkdirSync(join(folder, part));
  const cases: Record<string, [Volume, Volume]> = {
    a_1: [sampleScan(), sampleMask()],
    b_1: [
      { ...sampleScan(), data: sampleScan().data.map((value) => value + 1) },
      { ...sampleMask(), originMm: [50, 0, 0] },
    ],
    c_1: [
      { ...sampleScan(), data: sampleScan().data.map((value) => value + 2) },
      { ...sampleMask(), data: sampleMask().data.map((value) => 3 * value) },
    ],
    d_1: [
      { ...sampleScan(), data: sampleScan().data.map((value) => value + 3) },
      { ...sampleMask(), data: sampleMask().data.fill(0) },
    ],
    e_1: [{ ...sampleScan(), data: Float32Array.from(sampleScan().data).fill(Number.NaN, 400, 480) }, sampleMask()],
    f_1: [sampleScan(), sampleMask()],
    g_1: [
      reorient({ ...sampleScan(), data: sampleScan().data.map((value) => value + 4) }, 'RAS'),
      reorient(sampleMask(), 'RAS'),
    ],
    i_1: [
      { ...sampleScan(), spacingMm: [4, 4, 4], data: sampleScan().data.map((value) => value + 5) },
      { ...sampleMask(), spacingMm: [4, 4, 4] },
    ],
  };
  for (const [id, [scan, mask]] of Object.entries(cases)) {
    await writeVolume(scan, join(folder, 'imagesTr', `${id}.nii.gz`));
    await writeVolume(mask, join(folder, 'labelsTr', `${id}.nii.gz`));
  }
  await writeVolume(
    { ...sampleScan(), data: sampleScan().data.map((value) => value + 9) },
    join(folder, 'imagesTs', 'a_2.nii.gz'),
  );
  writeFileSync(join(folder, 'imagesTr', 'h_1.nii.gz'), 'not a scan');
  await writeVolume(sampleMask(), join(folder, 'labelsTr', 'h_1.nii.gz'));
  writeFileSync(
    join(folder, 'dataset.json'),
    JSON.stringify({
      modality: { 0: 'T1' },
      labels: { 0: 'background', 1: 'ball' },
      training: [...Object.keys(cases), 'h_1', 'missing'].map((id) => ({
        image: `./imagesTr/${id}.nii.gz`,
        label: `./labelsTr/${id}.nii.gz`,
      })),
      test: ['./imagesTs/a_2.nii.gz'],
    }),
  );
  report = await checkDataset(folder, { pictures: join(folder, 'pictures'), patientPattern: '^\\w' });
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ['geometry', 'b_1', 'resample the mask onto the scan'],
  ['labels', 'c_1', 'label values 3 outside the declared 0, 1'],
  ['emptyMask', 'd_1', 'the mask is empty'],
  ['notFinite', 'e_1', '80 voxels are NaN'],
])('finds %s in %s and draws it', (kind, id, words) => {
  const findings = of(kind);
  expect(findings.map(({ cases }) => cases)).toEqual([[id]]);
  expect(findings[0]!.sentence).toContain(words);
  expect(existsSync(findings[0]!.picture!)).toBe(true);
});

it('finds what only shows between cases: copies, patients on both sides, axes and spacings that differ', () => {
  expect(of('duplicateScan')[0]!.cases).toEqual(['a_1', 'f_1']);
  expect(of('patientInSplits')[0]!.cases).toEqual(['a_1', 'a_2']);
  expect(of('orientation')[0]!.cases).toEqual(['g_1']);
  expect(of('spacing')[0]!.cases).toEqual(['i_1']);
});

it.each([
  ['duplicateScan', 'a_1'],
  ['patientInSplits', 'a_1'],
  ['orientation', 'g_1'],
  ['spacing', 'i_1'],
])('draws the first case of %s, its mask over its scan', async (kind, id) => {
  const { picture } = of(kind)[0]!;
  expect(picture).toBe(join(folder, 'pictures', `${id}-${kind}.png`));
  const { data, info } = await sharp(picture!).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  expect(info.height).toBe(320);
  const coloured = Array.from({ length: data.length / 3 }, (_, pixel) => data[3 * pixel] !== data[3 * pixel + 2]);
  expect(coloured.filter(Boolean).length).toBeGreaterThan(0);
});

it('names broken and missing files, and reads the rest', () => {
  expect(of('unreadable')[0]!.sentence).toContain('h_1.nii.gz: cannot be read');
  expect(
    of('caseRefused')
      .map(({ sentence }) => sentence)
      .join(),
  ).toContain('missing.nii.gz');
  expect(report.cases).toBe(10);
});

it('says sizes, intensities and labels of every case in numbers', () => {
  const facts = report.facts.find(({ id }) => id === 'a_1')!;
  const scan = [...sampleScan().data];
  const ball = scan.filter((_, index) => sampleMask().data[index] === 1);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(facts).toMatchObject({ size: [12, 10, 8], spacingMm: [1, 2, 3], orientation: 'LPS', channels: 1 });
  expect(facts.labels).toEqual([
    { value: 0, voxels: scan.length - ball.length },
    { value: 1, voxels: ball.length },
  ]);
  const [{ all, foreground }] = facts.intensities as [(typeof facts.intensities)[number]];
  expect([all.min, all.max, all.mean]).toEqual([10, 86, expect.closeTo(mean(scan), 9)]);
  expect(all.sd).toBeCloseTo(Math.sqrt(mean(scan.map((value) => (value - all.mean) ** 2))), 9);
  expect(all.median).toBe(scan.sort((a, b) => a - b)[480]);
  expect(foreground).toMatchObject({ min: 80, max: 86, mean: expect.closeTo(mean(ball), 9) });
  expect(report.facts.map(({ id }) => id)).not.toContain('h_1');
  // The voxels that are no numbers are left out.
  expect(report.facts.find(({ id }) => id === 'e_1')!.intensities[0]!.all.max).toBe(86);
});

it('writes findings, numbers and pictures of all cases as one page', async () => {
  const pictures = join(folder, 'all');
  const drawn = await checkDataset(folder, { pictures, patientPattern: '^\\w', illustrate: true });
  expect(drawn.facts.every(({ picture }) => picture !== null && existsSync(picture))).toBe(true);
  const page = dataCheckPage({ ...drawn, name: '<b>' });
  expect(page.match(/<image /g)).toHaveLength(drawn.facts.length);
  expect(page).toContain('Data set &lt;b&gt;');
  expect(page).toContain('the mask is empty');
  expect(page).not.toMatch(/(src|href)="(?!data:|#)/);
});

it('draws a mask whose values are no labels, and blames the mask alone', async () => {
  const set = join(folder, 'nan');
  for (const part of ['images', 'masks']) mkdirSync(join(set, part), { recursive: true });
  await writeVolume(sampleScan(), join(set, 'images', 'a.nii.gz'));
  const data = Float32Array.from(sampleMask().data, (value) => (value === 1 ? value : Number.NaN));
  await writeVolume({ ...sampleMask(), data }, join(set, 'masks', 'a.nii.gz'));
  const { findings, facts } = await checkDataset(set, { pictures: join(set, 'pictures') });
  expect(findings.map(({ kind }) => kind)).toEqual(['labels']);
  expect(findings[0]!.sentence).toContain('a: the mask holds the value NaN');
  expect(existsSync(findings[0]!.picture!)).toBe(true);
  const voxels = data.filter((value) => value === 1).length;
  const counts = [
    { value: 1, voxels },
    { value: Number.NaN, voxels: data.length - voxels },
  ];
  expect(facts[0]!.labels).toEqual(expect.arrayContaining(counts));
});

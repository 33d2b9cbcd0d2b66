import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepConfig } from '../../src/config/sections/prep.ts';
import { type PrepProgress, runPrep } from '../../src/imgmed/prep/run-prep.ts';
import { readVolume } from '../../src/imgmed/reading/read-volume.ts';
import { reorient } from '../../src/imgmed/volume/orientation.ts';
import type { Volume } from '../../src/imgmed/volume/volume.ts';
import { writeVolume } from '../../src/imgmed/write-volume.ts';
import { loadSlices } from '../../src/trainer/data/slices.ts';
import { sampleMask, sampleScan } from './sample-volume.ts';

let folder: string;
const ids = ['p1_a', 'p1_b', 'p2_a', 'p3_a', 'p4_a'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'prep-'));
  const input = join(folder, 'task');
  for (const part of ['imagesTr', 'labelsTr']) mkdirSync(join(input, part), { recursive: true });
  for (const [index, id] of ids.entries()) {
    const scan = sampleScan([12, 10, 8], 2);
    scan.data[0] = index;
    await writeVolume(scan, join(input, 'imagesTr', `${id}.nii.gz`));
    await writeVolume(sampleMask(), join(input, 'labelsTr', `${id}.nii.gz`));
  }
  writeFileSync(
    join(input, 'dataset.json'),
    JSON.stringify({
      name: 'Balls',
      modality: { 0: 'T1', 1: 'T2' },
      labels: { 0: 'background', 1: 'ball' },
      training: ids.map((id) => ({ image: `./imagesTr/${id}.nii.gz`, label: `./labelsTr/${id}.nii.gz` })),
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const config = (output: string, more: Record<string, unknown> = {}) =>
  prepConfig.parse({
    input: join(folder, 'task'),
    output: join(folder, output),
    patientPattern: '^(p\\d)',
    slices: { count: 4 },
    size: { height: 16, width: 16 },
    split: { train: 2, validation: 1, test: 1 },
    ...more,
  });

/** A scan of its own content, with its mask; its axes as another converter may store them. */
async function storeCase(place: string, id: string, content: number, axes = 'LPS'): Promise<void> {
  mkdirSync(place, { recursive: true });
  const scan = sampleScan();
  scan.data[0] = content;
  await writeVolume(reorient(scan, axes), join(place, `${id}.nii.gz`));
  await writeVolume(reorient(sampleMask(), axes), join(place, `${id}_seg.nii.gz`));
}

async function storeCases(input: string, cases: readonly (readonly [place: string, id: string, content: number])[]) {
  for (const [place, id, content] of cases) await storeCase(join(input, place), id, content);
  return input;
}

describe('runPrep', () => {
  it('makes slices that the trainer reads, split by patient', async () => {
    const result = await runPrep(config('a', { augment: { copies: 2 } }), { workers: 2 });
    const dataset = loadSlices(result.output);
    expect(dataset).toMatchObject({
      name: 'Balls',
      height: 16,
      width: 16,
      channels: 2,
      classes: ['background', 'ball'],
    });
    const patientsOf = (name: string) => [...new Set(dataset.splits[name]!.cases.map((id) => id.slice(0, 2)))];
    const all = ['train', 'validation', 'test'].flatMap(patientsOf);
    expect([...all].sort()).toEqual(['p1', 'p2', 'p3', 'p4']);
    expect(dataset.splits.test.count).toBe(4 * result.splits.test!.cases);
    expect(dataset.splits.train.count).toBe(12 * result.splits.train!.cases);
    expect(dataset.splits.train.labels.some((label) => label === 1)).toBe(true);
  });

  it('takes finished cases from its cache, byte for byte, and prepares only what changed', async () => {
    const options = config('b');
    await runPrep(options);
    const before = readFileSync(join(options.output, 'manifest.json'));
    const again = await runPrep(options);
    expect(again.reused).toBe(ids.length);
    expect(readFileSync(join(options.output, 'manifest.json'))).toEqual(before);
    expect((await runPrep(config('b', { seed: 9 }))).reused).toBe(ids.length);
    expect((await runPrep(config('b', { normalize: { kind: 'percentile' } }))).reused).toBe(0);
  });

  it('prepares a case again when the file changes that its header names', async () => {
    const input = join(folder, 'detached');
    for (const part of ['images', 'masks']) mkdirSync(join(input, part), { recursive: true });
    const header = ['ObjectType = Image', 'NDims = 3', 'DimSize = 12 10 8', 'ElementType = MET_UCHAR'];
    for (const id of ['a', 'b']) {
      writeFileSync(join(input, 'images', `${id}.raw`), Buffer.alloc(960, 7).fill(id === 'a' ? 9 : 8, 3, 400));
      writeFileSync(join(input, 'images', `${id}.mhd`), [...header, `ElementDataFile = ${id}.raw`, ''].join('\n'));
      const mask = { ...sampleMask(), spacingMm: [1, 1, 1], originMm: [0, 0, 0] } satisfies Volume;
      await writeVolume(mask, join(input, 'masks', `${id}.nrrd`));
    }
    const options = config('k', { input, patientPattern: undefined, split: { train: 1, validation: 0, test: 1 } });
    expect((await runPrep(options)).failures).toEqual([]);
    expect((await runPrep(options)).reused).toBe(2);
    writeFileSync(join(input, 'images', 'a.raw'), Buffer.alloc(960, 7).fill(11, 3, 400));
    expect((await runPrep(options)).reused).toBe(1);
  });

  it('refuses intensities that 16-bit floats do not hold, and takes them as 32-bit ones', async () => {
    const input = join(folder, 'bright');
    for (const part of ['images', 'masks']) mkdirSync(join(input, part), { recursive: true });
    for (const id of ['a', 'b']) {
      const scan = sampleScan();
      scan.data[0] = id === 'a' ? 1 : 2;
      await writeVolume(
        { ...scan, data: Float32Array.from(scan.data, (value) => 1000 * value) },
        join(input, 'images', `${id}.nii`),
      );
      await writeVolume(sampleMask(), join(input, 'masks', `${id}.nii`));
    }
    const more = {
      input,
      patientPattern: undefined,
      split: { train: 1, validation: 0, test: 1 },
      normalize: { kind: 'none' },
    };
    await expect(runPrep(config('l', more))).rejects.toThrow(/more than 16-bit floats can .* set dtype: float32/);
    const { output } = await runPrep(config('m', { ...more, dtype: 'float32' }));
    expect(Math.max(...loadSlices(output).splits.train.images)).toBeGreaterThan(65_504);
  });

  it('leaves a broken scan out, names it, goes on, and says at the end that the slices lack it unless that was told', async () => {
    const broken = join(folder, 'task', 'imagesTr', 'p4_a.nii.gz');
    const intact = readFileSync(broken);
    truncateSync(broken, 300);
    try {
      const seen: PrepProgress[] = [];
      const result = await runPrep(config('c'), { onProgress: (progress) => seen.push(progress) });
      expect(result.failures).toHaveLength(1);
      expect(result.failures[0]!.reason).toContain('p4_a.nii.gz: cannot be read');
      expect(seen).toHaveLength(ids.length);
      expect(result.lacking).toEqual([expect.stringMatching(/the slices lack p4_a; .* set failedCases: skip/)]);
      const told = await runPrep(config('c', { failedCases: 'skip' }));
      expect([told.failures.length, told.lacking]).toEqual([1, []]);
      await expect(runPrep(config('d', { failedCases: 'stop' }))).rejects.toThrow('p4_a.nii.gz');
    } finally {
      writeFileSync(broken, intact);
    }
  });

  it('goes on after an interruption with what was finished', async () => {
    const stop = new AbortController();
    const options = config('e');
    const interrupted = runPrep(options, {
      workers: 1,
      signal: stop.signal,
      onProgress: ({ done }) => done === 2 && stop.abort(new Error('interrupted')),
    });
    await expect(interrupted).rejects.toThrow('interrupted');
    expect((await runPrep(options)).reused).toBe(2);
  });

  it('cuts k folds of patients and validates on the one that is asked for', async () => {
    await runPrep(config('f', { split: { test: 0, folds: 2, fold: 1 } }));
    const { folds, patients } = JSON.parse(readFileSync(join(folder, 'f', 'splits.json'), 'utf8'));
    expect(folds.flat().sort()).toEqual(['p1', 'p2', 'p3', 'p4']);
    for (const patient of folds[1]) expect(patients[patient]).toBe('validation');
  });

  it('says which part a folder decided by its name', async () => {
    const input = await storeCases(join(folder, 'sorted'), [
      ['train', 'p1', 1],
      ['val', 'p2', 2],
      ['val', 'p3', 3],
      ['test', 'p4', 4],
    ]);
    const { splits, problems } = await runPrep(config('i', { input }));
    expect(splits).toMatchObject({ train: { cases: 1 }, validation: { cases: 2 }, test: { cases: 1 } });
    expect(problems).toEqual([
      "2 cases put in the validation part by the folder's name, such as p2",
      "1 case put in the test part by the folder's name, such as p4",
    ]);
  });

  it('leaves a copy of a tested scan out of training, whatever its name, and says so', async () => {
    const input = await storeCases(join(folder, 'copies'), [
      ['train', 'p1', 1],
      ['train', 'p2', 2],
      ['train', 'p3', 3],
      ['test', 'p4', 4],
      ['test', 'p5', 2],
      ['train', 'p6', 3],
    ]);
    const more = { input, patientPattern: undefined, split: { train: 1, validation: 0, test: 1 } };
    const { output, splits, failures, lacking, problems } = await runPrep(config('copies-out', more));
    expect(failures).toEqual([
      { id: 'p2', reason: expect.stringContaining('is the same scan, voxel for voxel, as p5 of the test part') },
    ]);
    expect(lacking).toEqual([expect.stringContaining('the slices lack p2')]);
    expect(splits).toMatchObject({ train: { cases: 3 }, test: { cases: 2 } });
    expect(loadSlices(output).splits.train.cases.some((id) => id.startsWith('p2'))).toBe(false);
    expect(problems).toContain('p3 and p6 are the same scan, voxel for voxel, and all in the train part; keep one');
    // What the cache knows says the same.
    expect((await runPrep(config('copies-out', more))).failures).toEqual(failures);
    expect((await runPrep(config('copies-out', { ...more, failedCases: 'skip' }))).lacking).toEqual([]);
    await expect(runPrep(config('copies-out', { ...more, failedCases: 'stop' }))).rejects.toThrow(
      /case p2: is the same scan/,
    );
  });

  it('knows a copy whose file stores the axes another way', async () => {
    const input = await storeCases(join(folder, 'turned'), [
      ['train', 'p1', 1],
      ['train', 'p2', 2],
    ]);
    await storeCase(join(input, 'test'), 'p3', 1, 'SRA');
    const more = { input, patientPattern: undefined, split: { train: 1, validation: 0, test: 1 } };
    expect((await runPrep(config('turned-out', more))).failures).toMatchObject([{ id: 'p1' }]);
  });

  it('asks whether one name in different parts is one patient, and keeps a patient of the test folder out of training', async () => {
    const input = await storeCases(join(folder, 'one-name'), [
      ['train', 'p1', 1],
      ['train', 'p2', 2],
      ['test', 'p1', 3],
    ]);
    const split = { train: 1, validation: 0, test: 1 };
    const apart = await runPrep(config('one-name-a', { input, patientPattern: undefined, split }));
    expect(apart.splits).toMatchObject({ train: { cases: 2 }, test: { cases: 1 } });
    expect(apart.problems).toContainEqual(
      expect.stringMatching(/^test\/p1 and train\/p1 have the same name in different parts.* set patientPattern/),
    );
    const together = await runPrep(config('one-name-b', { input, patientPattern: '([^/]+)$', split }));
    expect(together.splits).toMatchObject({ train: { cases: 1 }, test: { cases: 2 } });
    expect(together.problems).toEqual([
      "1 case put in the test part by the folder's name, such as test/p1",
      "1 case from other folders put in the test part too, such as train/p1: its patient p1 is there by the folder's name",
    ]);
  });

  it('chooses channels by name and refuses unknown ones by name', async () => {
    await runPrep(config('g', { channels: ['T2'] }));
    expect(loadSlices(join(folder, 'g')).channels).toBe(1);
    await expect(runPrep(config('h', { channels: ['T9'] }))).rejects.toThrow('no channel "T9"; the scan has T1, T2');
  });
});

describe('readVolume', () => {
  it.each(['nii', 'nii.gz', 'mha', 'nrrd'])('reads back what was written as .%s, geometry and all', async (ending) => {
    const scan = sampleScan();
    const path = join(folder, `round.${ending}`);
    await writeVolume(scan, path);
    const back = await readVolume(path);
    expect(back.size).toEqual(scan.size);
    expect(back.spacingMm).toEqual(scan.spacingMm);
    expect(back.originMm).toEqual(scan.originMm);
    expect([...back.data]).toEqual([...scan.data]);
  });
});

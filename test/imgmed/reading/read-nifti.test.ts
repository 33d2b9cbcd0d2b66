import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { niftiReadImageNode } from '@itk-wasm/image-io';
import type { Image } from 'itk-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { niftiHeader } from '../../../src/imgmed/nifti/nifti-header.ts';
import { niftiVolume } from '../../../src/imgmed/nifti/read-nifti.ts';
import { fromItkImage } from '../../../src/imgmed/reading/itk-image.ts';
import { readVolume } from '../../../src/imgmed/reading/read-volume.ts';
import type { Volume } from '../../../src/imgmed/volume/volume.ts';
import { type NiftiFileOptions, niftiFile } from '../nifti-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nifti-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const values = Array.from({ length: 24 }, (_, index) => (index * 5) % 97);
const half = Math.SQRT1_2;

function read(file: Buffer): Volume {
  return niftiVolume(niftiHeader(file), file);
}

async function byItk(file: Buffer): Promise<Volume> {
  const path = join(folder, 'file.nii');
  writeFileSync(path, file);
  const { image } = await niftiReadImageNode(path);
  return fromItkImage(image as Image);
}

function expectSame(ours: Volume, itk: Volume): void {
  expect(ours.size).toEqual(itk.size);
  expect(ours.channels).toBe(itk.channels);
  const near = (a: readonly number[], b: readonly number[], tolerance: number) =>
    expect(Math.max(...a.map((value, index) => Math.abs(value - b[index]!)))).toBeLessThanOrEqual(tolerance);
  near(ours.spacingMm, itk.spacingMm, 1e-6);
  near(ours.originMm, itk.originMm, 1e-4);
  near(ours.direction, itk.direction, 1e-5);
  expect(ours.data.constructor).toBe(itk.data.constructor);
  expect([...ours.data]).toEqual([...itk.data]);
}

const plain: Record<string, NiftiFileOptions> = {
  uint8: { datatype: 2, bytes: 1, values },
  int8: { datatype: 256, bytes: 1, values: values.map((value) => value - 40) },
  int16: { datatype: 4, bytes: 2, values: values.map((value) => 300 * value - 9000) },
  uint16: { datatype: 512, bytes: 2, values: values.map((value) => 600 * value) },
  int32: { datatype: 8, bytes: 4, values: values.map((value) => -70_000 * value) },
  uint32: { datatype: 768, bytes: 4, values: values.map((value) => 40_000_000 * value) },
  float32: { datatype: 16, bytes: 4, values: values.map((value) => value / 7) },
  float64: { datatype: 64, bytes: 8, values: values.map((value) => value / 7) },
  'big-endian int16': { datatype: 4, bytes: 2, values, littleEndian: false },
  'big-endian float32': { datatype: 16, bytes: 4, values, littleEndian: false },
  'big-endian float64': { datatype: 64, bytes: 8, values, littleEndian: false },
  'slope and intercept': { datatype: 4, bytes: 2, values, slope: 0.5, intercept: -1000 },
  'slope 0, which means none': { datatype: 4, bytes: 2, values, slope: 0 },
  'four axes': { datatype: 4, bytes: 2, values, dims: [4, 3, 2, 2, 2] },
  'one time': { datatype: 4, bytes: 2, values, dims: [4, 4, 3, 2, 1] },
  'qform alone, a quarter turn': { datatype: 4, bytes: 2, values, sformCode: 0, quaternion: [0, 0, half] },
  'qform alone, mirrored': { datatype: 4, bytes: 2, values, sformCode: 0, quaternion: [0, 0.6, 0], qfac: -1 },
  'a quaternion longer than 1': { datatype: 4, bytes: 2, values, sformCode: 0, quaternion: [2, 0, 0] },
  'sform alone, axes swapped': {
    ...{ datatype: 4, bytes: 2, values, qformCode: 0 },
    sform: [
      [0, 0, -3, 10],
      [-1, 0, 0, 20],
      [0, 2, 0, -30],
    ],
  },
  'sform and qform that agree': {
    ...{ datatype: 4, bytes: 2, values, quaternion: [0, 0, half] as [number, number, number] },
    sform: [
      [0, -2, 0, 5],
      [1, 0, 0, -6],
      [0, 0, 3, 7],
    ],
  },
};

describe('niftiVolume', () => {
  it.each(Object.keys(plain))('reads what ITK reads: %s', async (name) => {
    const file = niftiFile(plain[name]!);
    expectSame(read(file), await byItk(file));
  });

  it('ignores the intercept where the slope is 0, as nifti1.h says', () => {
    const file = niftiFile({ datatype: 4, bytes: 2, values, slope: 0, intercept: 3 });
    expect([...read(file).data]).toEqual(values);
  });

  it('reads NIfTI-2, which ITK refuses, like its NIfTI-1 twin', () => {
    for (const turn of [{}, { sformCode: 0, quaternion: [0, 0, half] as [number, number, number] }]) {
      const [one, two] = ([1, 2] as const).map((version) =>
        read(niftiFile({ datatype: 4, bytes: 2, values, version, ...turn })),
      );
      expectSame(one!, two!);
    }
  });

  it('reads voxels that do not lie on a multiple of their length in memory', async () => {
    const file = niftiFile(plain['float64']!);
    const shifted = Buffer.concat([Buffer.from([0]), file]).subarray(1);
    expectSame(read(shifted), await byItk(file));
  });

  it.each<[string, Partial<NiftiFileOptions>, string]>([
    ['sform and qform disagree', { quaternion: [0, 0, half] }, 'the sform is used'],
    ['neither is given', { qformCode: 0, sformCode: 0 }, 'its position and its left side are unknown'],
    [
      'pixdim says another spacing',
      {
        sform: [
          [-2, 0, 0, 0],
          [0, 2, 0, 0],
          [0, 0, 3, 0],
        ],
      },
      'pixdim gives a spacing of 1 × 2 × 3 mm',
    ],
  ])('says how it reads a file where %s', (_, odd, note) => {
    const { notes } = read(niftiFile({ datatype: 4, bytes: 2, values, ...odd }));
    expect(notes).toEqual([expect.stringContaining(note)]);
  });

  it('takes metres and micrometres for what they are', () => {
    const inUnit = (spaceUnit: number) => read(niftiFile({ datatype: 4, bytes: 2, values, spaceUnit })).spacingMm;
    expect(inUnit(1)).toEqual([1000, 2000, 3000]);
    expect(inUnit(3)[2]).toBeCloseTo(0.003, 9);
  });

  it('refuses a header that contradicts itself', () => {
    expect(() => read(niftiFile({ datatype: 4, bytes: 4, values }))).toThrow(
      'its header gives 32 bits a voxel for datatype 4',
    );
  });

  it('reads the header alone, so that a broken extension cannot lead it astray', () => {
    const file = niftiFile(plain['int16']!);
    const extended = Buffer.concat([
      file.subarray(0, 348),
      Buffer.from([1, 0, 0, 0]),
      Buffer.alloc(16),
      file.subarray(352),
    ]);
    extended.writeFloatLE(368, 108);
    extended.writeInt32LE(-16, 352);
    expect([...read(extended).data]).toEqual(plain['int16']!.values);
  });
});

describe('readVolume of NIfTI', () => {
  it('shows voxels that are no numbers, and unpacks what is called .nii', async () => {
    const odd = values.map((value, index) =>
      index === 3 ? Number.NaN : index === 5 ? Number.POSITIVE_INFINITY : value,
    );
    const path = join(folder, 'odd.nii');
    writeFileSync(path, gzipSync(niftiFile({ datatype: 16, bytes: 4, values: odd })));
    const { data } = await readVolume(path);
    expect(data[3]).toBeNaN();
    expect(Number.isFinite(data[5])).toBe(false);
    expect(data[4]).toBe(values[4]);
  });

  it.each([
    ['is cut off', (file: Buffer) => file.subarray(0, 380), 'promises 400 bytes'],
    ['is shorter than a header', (file: Buffer) => file.subarray(0, 100), 'less than a NIfTI header'],
    ['has a broken compression', (file: Buffer) => gzipSync(file).subarray(0, 60), 'compression is broken'],
    ['has an axis of no length', (file: Buffer) => file.fill(0, 42, 44), 'impossible dimensions'],
  ])('refuses by name a file that %s', async (_, damage, words) => {
    const path = join(folder, 'broken.nii');
    writeFileSync(path, damage(niftiFile({ datatype: 4, bytes: 2, values })));
    await expect(readVolume(path)).rejects.toThrow(new RegExp(`broken\\.nii: cannot be read: .*${words}`));
  });
});

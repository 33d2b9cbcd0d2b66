import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { niftiReadImageNode } from '@itk-wasm/image-io';
import type { Image } from 'itk-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromItkImage } from '../../src/imgmed/itk-image.ts';
import { readPlainNifti } from '../../src/imgmed/read-nifti.ts';
import { readVolume } from '../../src/imgmed/read-volume.ts';
import type { Volume } from '../../src/imgmed/volume.ts';
import { type NiftiFileOptions, niftiFile } from './nifti-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nifti-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const values = Array.from({ length: 24 }, (_, index) => (index * 5) % 97);
const half = Math.SQRT1_2;

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

describe('readPlainNifti', () => {
  it.each(Object.keys(plain))('reads what ITK reads: %s', async (name) => {
    const file = niftiFile(plain[name]!);
    const ours = readPlainNifti(file);
    expect(ours).not.toBeNull();
    expectSame(ours!, await byItk(file));
  });

  it('ignores the intercept where the slope is 0, as nifti1.h says', () => {
    const file = niftiFile({ datatype: 4, bytes: 2, values, slope: 0, intercept: 3 });
    expect([...readPlainNifti(file)!.data]).toEqual(values);
  });

  it('reads NIfTI-2, which ITK refuses, like its NIfTI-1 twin', () => {
    for (const turn of [{}, { sformCode: 0, quaternion: [0, 0, half] as [number, number, number] }]) {
      const [one, two] = ([1, 2] as const).map((version) =>
        readPlainNifti(niftiFile({ datatype: 4, bytes: 2, values, version, ...turn })),
      );
      expectSame(one!, two!);
    }
  });

  it('reads voxels that do not lie on a multiple of their length in memory', async () => {
    const file = niftiFile(plain['float64']!);
    const shifted = Buffer.concat([Buffer.from([0]), file]).subarray(1);
    expectSame(readPlainNifti(shifted)!, await byItk(file));
  });

  const sheared = [
    [1, 0.5, 0, 0],
    [0, 2, 0, 0],
    [0, 0, 3, 0],
  ];
  it.each<[string, Partial<NiftiFileOptions>]>([
    ['sform and qform disagree', { quaternion: [0, 0, half] }],
    ['the sform shears', { qformCode: 0, sform: sheared }],
    ['neither is given', { qformCode: 0, sformCode: 0 }],
    ['only the qform counts for more', { qformCode: 2 }],
    ['lengths are in metres', { spaceUnit: 1 }],
    ['the fourth axis is a vector', { intent: 1007, dims: [4, 3, 2, 2, 2] }],
    ['there are five axes', { dims: [5, 3, 2, 2, 1, 2] }],
    ['numbers are complex', { datatype: 32, bytes: 8 }],
    ['the header contradicts itself', { datatype: 4, bytes: 4 }],
  ])('leaves the file to ITK where %s', (_, odd) => {
    expect(readPlainNifti(niftiFile({ datatype: 4, bytes: 2, values, ...odd }))).toBeNull();
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
    expect([...readPlainNifti(extended)!.data]).toEqual(plain['int16']!.values);
  });
});

describe('readVolume of NIfTI', () => {
  it('takes the longer way through ITK where the header leaves a doubt', async () => {
    const path = join(folder, 'doubt.nii.gz');
    writeFileSync(path, gzipSync(niftiFile({ datatype: 4, bytes: 2, values, quaternion: [0, 0, half] })));
    expect([...(await readVolume(path)).data]).toEqual(values);
  });

  it.each([
    ['plain', {}],
    ['through ITK', { quaternion: [0, 0, half] as [number, number, number] }],
  ])('shows voxels that are no numbers: %s', async (_, way) => {
    const odd = values.map((value, index) =>
      index === 3 ? Number.NaN : index === 5 ? Number.POSITIVE_INFINITY : value,
    );
    const path = join(folder, 'odd.nii');
    writeFileSync(path, niftiFile({ datatype: 16, bytes: 4, values: odd, ...way }));
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

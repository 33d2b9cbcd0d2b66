import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readVolume } from '../../../src/imgmed/reading/read-volume.ts';
import type { Volume } from '../../../src/imgmed/volume/volume.ts';
import { writeVolume } from '../../../src/imgmed/write-volume.ts';

const value = z.union([z.number(), z.enum(['nan', 'inf', '-inf'])]);
const oracle = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      files: z.record(z.string(), z.string()),
      read: z.string(),
      refused: z.string().optional(),
      want: z
        .object({
          size: z.array(z.number()),
          channels: z.number(),
          values: z.array(value),
          affine: z.array(z.array(z.number())).optional(),
          notes: z.boolean().optional(),
        })
        .optional(),
    }),
  ),
});

/** Written by `oracle/make-files.py` with nibabel, pydicom, tifffile, Pillow, imagecodecs and numpy. */
const { cases } = oracle.parse(
  JSON.parse(gunzipSync(readFileSync(new URL('../oracle/files.json.gz', import.meta.url))).toString()),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  for (const { files } of cases) {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), Buffer.from(content, 'base64'));
    }
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const special: Record<string, number> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
};

/** Indices → LPS millimetres, three rows. */
function affineOf({ direction, spacingMm, originMm }: Volume): number[][] {
  return [0, 1, 2].map((row) => [
    ...[0, 1, 2].map((axis) => direction[row * 3 + axis]! * spacingMm[axis]!),
    originMm[row]!,
  ]);
}

function largestDifference(a: readonly number[][], b: readonly number[][]): number {
  return Math.max(...a.flatMap((row, r) => row.map((entry, c) => Math.abs(entry - b[r]![c]!))));
}

it('holds at least 300 files, and every format', () => {
  expect(cases.length).toBeGreaterThanOrEqual(300);
  const formats = new Set(cases.map(({ read }) => read.split('/')[0]));
  expect(formats).toEqual(new Set(['nifti', 'nrrd', 'meta', 'dicom', 'tiff', 'png', 'jpeg']));
});

describe.each(cases.filter(({ refused }) => refused === undefined))('$name', ({ read, want }) => {
  it('is read as its own library reads it', async () => {
    const volume = await readVolume(join(folder, read));
    const { size, channels, values, affine, notes = false } = want!;
    expect({ size: volume.size, channels: volume.channels }).toEqual({ size, channels });
    const expected = values.map((entry) => (typeof entry === 'number' ? entry : special[entry]!));
    const rounded = volume.data instanceof Float32Array ? expected.map(Math.fround) : expected;
    expect([...volume.data]).toEqual(rounded.map((entry) => entry + 0));
    // NIfTI holds 32-bit floats.
    if (affine !== undefined) expect(largestDifference(affineOf(volume), affine)).toBeLessThan(2e-5);
    expect((volume.notes ?? []).length > 0).toBe(notes);
  });
});

describe.each(cases.filter(({ refused }) => refused !== undefined))('$name', ({ read, refused }) => {
  it('is refused by name, and not as damaged', async () => {
    const path = join(folder, read);
    const error: unknown = await readVolume(path).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'image.refused' });
    expect(String(error)).toMatch(new RegExp(refused!));
    expect(String(error)).not.toContain('intact copy');
  });
});

describe('a volume written as NIfTI', () => {
  it.each([
    'dicom/DICOM-series-oblique',
    'dicom/DICOM-series-coronal',
    'nifti/slight.nii',
    'nifti/f4-mirrored.nii.gz',
    'nifti/rgb.nii',
  ])('has the voxels and the affine of %s', async (name) => {
    const volume = await readVolume(join(folder, name));
    const path = join(folder, 'written.nii.gz');
    await writeVolume(volume, path);
    const again = await readVolume(path);
    expect(again.data).toEqual(volume.data);
    expect(again.notes).toBeUndefined();
    expect(largestDifference(affineOf(again), affineOf(volume))).toBeLessThan(1e-5);
  });
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  augmentImage,
  imageFacts,
  readVolume,
  reshape,
  resizeImage,
  saveImage,
  type Volume,
} from '../../src/imgmed/index.ts';
import { identityDirection } from '../../src/imgmed/volume/volume.ts';
import { runCli } from '../cli/run-cli.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'operations-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** 8 × 6 pixels: (37 x + 11 y + 90 channel) modulo 256. */
function colours(): Volume {
  const data = Uint8Array.from({ length: 8 * 6 * 3 }, (_, index) => {
    const [x, y, channel] = [index % 8, Math.floor(index / 8) % 6, Math.floor(index / 48)];
    return (37 * x + 11 * y + 90 * channel) % 256;
  });
  const direction = [...identityDirection];
  return { size: [8, 6, 1], channels: 3, data, spacingMm: [1, 1, 1], originMm: [0, 0, 0], direction };
}

/** 4 × 3 × 2 voxels at 2 times, the numbers −5, −4, … in the order of the file; RAS affine −2, 3, 4 mm from (7, −8, 9). */
function times(): Volume {
  const data = Int16Array.from({ length: 48 }, (_, index) => index - 5);
  const place = { spacingMm: [2, 3, 4] as [number, number, number], originMm: [-7, 8, 9] as [number, number, number] };
  return { size: [4, 3, 2], channels: 2, data, ...place, direction: [1, 0, 0, 0, -1, 0, 0, 0, 1] };
}

const red = () => reshape(colours(), { channels: [0] });

describe('image operations, with the numbers of Pillow and nibabel', () => {
  it('turn colours grey, and resize pictures', () => {
    expect([...reshape(colours(), { grey: true }).data.subarray(16, 24)]).toEqual([
      95, 132, 140, 177, 64, 101, 138, 98,
    ]);
    const nearest = resizeImage(red(), { size: [4, 3], order: 0 });
    expect([...nearest.data]).toEqual([48, 122, 196, 14, 70, 144, 218, 36, 92, 166, 240, 58]);
    const linear = resizeImage(red(), { size: [4, 3], keepType: true });
    expect(linear.data).toBeInstanceOf(Uint8Array);
    // Away from the edges, beyond which Pillow has nothing and the product the mirror image; Pillow rounds each axis.
    expect(Math.abs(linear.data[5]! - 121)).toBeLessThanOrEqual(1);
    expect(Math.abs(linear.data[6]! - 191)).toBeLessThanOrEqual(1);
  });

  it('take a time, turn the axes and cut a slice, each in its place', () => {
    const turned = reshape(times(), { channels: [1], orientation: 'RAS' });
    expect([...turned.data.subarray(0, 6)]).toEqual([22, 21, 20, 19, 26, 25]);
    expect(turned.data).toBeInstanceOf(Int16Array);
    expect(imageFacts(turned).affine).toEqual([
      [2, 0, 0, 1],
      [0, 3, 0, -8],
      [0, 0, 4, 9],
      [0, 0, 0, 1],
    ]);
    const slice = reshape(times(), { channels: [1], slice: { plane: 'coronal', position: 1 } });
    expect([...slice.data]).toEqual([23, 24, 25, 26, 35, 36, 37, 38]);
    expect(imageFacts(slice).affine).toEqual([
      [-2, 0, 0, 7],
      [0, 3, 0, -5],
      [0, 0, 4, 9],
      [0, 0, 0, 1],
    ]);
    expect(() => reshape(times(), { slice: { plane: 'axial', position: 2 } })).toThrow('there are 2 axial slices');
  });

  it('move a mask with its scan, the same way for one seed and name', () => {
    const scan = { ...red(), data: Uint8Array.from(red().data, (_, pixel) => (pixel % 8 < 4 ? 200 : 10)) };
    const mask = { ...scan, data: scan.data.map((value) => (value === 200 ? 1 : 0)) };
    const how = {
      rotationDegrees: 0,
      zoom: [1, 1] as [number, number],
      translationPx: 0,
      flips: ['horizontal'] as const,
      noise: 0,
    };
    const copies = Array.from({ length: 12 }, (_, copy) => augmentImage(scan, mask, how, 3, 'a', copy));
    for (const copy of copies)
      expect([...copy.mask!.data]).toEqual([...copy.scan.data].map((value) => (value === 200 ? 1 : 0)));
    expect(new Set(copies.map((copy) => copy.scan.data[0])).size).toBe(2);
    expect(augmentImage(scan, mask, how, 3, 'a', 1)).toEqual(copies[1]);
  });
});

describe('saveImage', () => {
  it('writes every slice of every time as a picture, columns and rows in the order of the index', async () => {
    const files = await saveImage(times(), join(folder, 'four.png'), { range: { low: -5, high: 250, percent: false } });
    expect(files.map((file) => file.slice(folder.length + 1))).toEqual(
      ['c0-z0', 'c0-z1', 'c1-z0', 'c1-z1'].map((part) => `four-${part}.png`),
    );
    const last = await readVolume(files[3]!);
    // data[:, :, 1, 1].T of nibabel, 5 more: that is what the range does.
    expect([...last.data].map((value) => value - 5)).toEqual([31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42]);
  });

  it('keeps numbers as they are, or says why a picture cannot hold them', async () => {
    await expect(saveImage(times(), join(folder, 'no.png'))).rejects.toThrow(/holds -5 to 42, .* --range LOW,HIGH/);
    const wide = { ...red(), data: Uint16Array.from(red().data, (value) => 256 * value) };
    for (const ending of ['png', 'tif']) {
      const [file] = await saveImage(wide, join(folder, `wide.${ending}`));
      expect((await readVolume(file!)).data).toEqual(wide.data);
    }
    await expect(saveImage(wide, join(folder, 'wide.jpg'))).rejects.toThrow('whole numbers from 0 to 255');
    const [file] = await saveImage(colours(), join(folder, 'colours.png'), { rgb: true });
    expect((await readVolume(file!)).data).toEqual(colours().data);
  });
});

describe('autopilot image', () => {
  const image = (...argv: string[]) => runCli(['image', ...argv], { cwd: folder });

  it('takes a 4-D volume to small grey pictures, as the thesis does (Listing 3.1)', { timeout: 120_000 }, async () => {
    await saveImage(times(), join(folder, 'scan.nii.gz'));
    const names = ['c0-z0', 'c0-z1', 'c1-z0', 'c1-z1'].map((part) => `scan-${part}`);
    const steps = [
      ['convert', 'scan.nii.gz', '--as', 'jpg', '--rgb', '--range', 'minmax', '--out', 'colour'],
      ['reshape', ...names.map((name) => `colour/${name}.jpg`), '--grey', '--as', 'png', '--out', 'grey'],
      ['resize', ...names.map((name) => `grey/${name}.png`), '--size', '350,350', '--out', 'final', '--json'],
    ];
    for (const step of steps) expect(await image(...step)).toMatchObject({ code: 0, stderr: '' });
    const { size, channels, type } = imageFacts(await readVolume(join(folder, 'final/scan-c1-z1.png')));
    expect({ size, channels, type }).toEqual({ size: [350, 350, 1], channels: 1, type: 'uint8' });
  });

  it('asks before it replaces a file, goes on with the others, and says what failed', {
    timeout: 120_000,
  }, async () => {
    await saveImage(times(), join(folder, 'a.nii'));
    await saveImage(times(), join(folder, 'b.nii'));
    await saveImage(red(), join(folder, 'out/a.nrrd'));
    const before = readFileSync(join(folder, 'out/a.nrrd'));
    const { code, stdout, stderr } = await image('convert', 'a.nii', 'b.nii', '--as', 'nrrd', '--out', 'out');
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'out/b.nrrd\n' });
    expect(stderr).toContain('out/a.nrrd: already exists; --overwrite replaces it');
    expect(readFileSync(join(folder, 'out/a.nrrd'))).toEqual(before);
    expect((await image('convert', 'a.nii', '--as', 'nrrd', '--out', 'out', '--overwrite')).code).toBe(0);
    const facts = await image('info', 'out/a.nrrd', '--json');
    expect(JSON.parse(facts.stdout)).toMatchObject({
      images: [{ type: 'int16', channels: 2, affine: imageFacts(times()).affine }],
    });
  });
});

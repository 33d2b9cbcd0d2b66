import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSlices, readManifest } from '../../src/trainer/data/slices.ts';
import { runCli } from '../cli/run-cli.ts';

const side = 16;
let root: string;
let number = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'labels-'));
});
afterAll(() => rmSync(root, { recursive: true }));

type Mask = (row: number, column: number) => number | number[];
const inside = (row: number, column: number, from = 3, to = 9) =>
  row >= from && row < to && column >= from && column < to;
const grey =
  (value: number): Mask =>
  (row, column) =>
    inside(row, column) ? value : 0;

/** Four pictures with masks; a mask of three numbers a pixel is a colour. */
async function pictures(mask: Mask | ((index: number) => Mask), write: 'png' | 'jpg' = 'png'): Promise<string> {
  const folder = join(root, String(++number));
  for (const part of ['images', 'masks']) mkdirSync(join(folder, part), { recursive: true });
  for (let index = 0; index < 4; index++) {
    const maskOf = mask.length === 1 ? (mask as (index: number) => Mask)(index) : (mask as Mask);
    const pixels = Array.from({ length: side * side }, (_, pixel) => maskOf(Math.floor(pixel / side), pixel % side));
    const channels = Array.isArray(pixels[0]) ? 3 : 1;
    const raw = (count: 1 | 3) => ({ raw: { width: side, height: side, channels: count } });
    const scan = Uint8Array.from({ length: side * side }, (_, pixel) => (pixel * 7 + index * 13) % 200);
    const save = (data: Uint8Array, count: 1 | 3, path: string) =>
      sharp(data, raw(count))
        .toColourspace(count === 1 ? 'b-w' : 'srgb')
        .toFile(path);
    await save(scan, 1, join(folder, 'images', `c${index}.png`));
    await save(Uint8Array.from(pixels.flat()), channels, join(folder, 'masks', `c${index}.${write}`));
  }
  return folder;
}

async function prepared(input: string, more: Record<string, unknown> = {}) {
  const output = `${input}-slices`;
  const config = `${input}.yaml`;
  const size = { height: side, width: side, fit: 'stretch' };
  writeFileSync(config, JSON.stringify({ input, output, size, split: { train: 3, validation: 0, test: 1 }, ...more }));
  const { code, stdout, stderr } = await runCli(['prep', config, '--workers', '1']);
  return { code, said: stdout + stderr, output };
}

const check = (folder: string) => runCli(['data', 'check', folder, '--pictures', join(root, 'pictures')]);
const colour: Mask = (row, column) => (inside(row, column) ? [0, 255, 0] : [0, 0, 0]);
const two: Mask = (row, column) => (inside(row, column, 4, 7) ? 2 : inside(row, column) ? 1 : 0);

describe('masks', { timeout: 60_000 }, () => {
  it('of 0 and 255 are foreground, and keep 255 for the masks predicted later', async () => {
    const { code, output } = await prepared(await pictures(grey(255)));
    expect(code).toBe(0);
    expect(readManifest(output)).toMatchObject({ classes: ['background', 'foreground'], labelValues: [0, 255] });
    const { labels } = loadSlices(output).splits.test;
    expect(labels.filter((label) => label === 1)).toHaveLength(36);
  });

  it('in colours are refused by check and by prep, and not read by their red alone', async () => {
    const folder = await pictures(colour);
    expect(await check(folder)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('holds 3 channels that differ'),
    });
    expect(await prepared(folder)).toMatchObject({
      code: 1,
      said: expect.stringContaining('holds 3 channels that differ'),
    });
  });

  it('of several undeclared values stop prep until the config names them', async () => {
    const folder = await pictures(two);
    const { stdout } = await check(folder);
    expect(stdout).toContain('holds label values 1, 2, and nothing says what they stand for');
    expect(stdout).toMatch(/autopilot prep stops at \d+ of these warnings/);
    expect(await prepared(folder)).toMatchObject({
      code: 1,
      said: expect.stringContaining('name them under "classes"'),
    });
    const named = await prepared(folder, { classes: { rim: [1], core: [2] } });
    expect(named.code).toBe(0);
    expect(new Set(loadSlices(named.output).splits.train.labels)).toEqual(new Set([0, 1, 2]));
  });

  it('of one value each, but not the same, are found by check and stop prep', async () => {
    const folder = await pictures((index: number) => grey(index === 2 ? 7 : 1));
    expect((await check(folder)).stdout).toMatch(/warning labels: .*different label values \(1 in c0, 7 in c2\)/);
    const { code, said } = await prepared(folder);
    expect(code).toBe(1);
    expect(said).toMatch(/different label values \(.*7 in c2/);
  });

  it('damaged by JPEG are an error of check and of prep', async () => {
    const folder = await pictures(grey(255), 'jpg');
    expect(await check(folder)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('as after JPEG or smoothing'),
    });
    expect(await prepared(folder)).toMatchObject({
      code: 1,
      said: expect.stringContaining('as after JPEG or smoothing'),
    });
    const named = await prepared(folder, { classes: { foreground: [[128, 255]] } });
    expect(named).toMatchObject({ code: 0, said: expect.stringContaining('are in no class and became background') });
    expect(loadSlices(named.output).splits.test.labels.filter((label) => label === 1)).toHaveLength(36);
  });
});

describe('prep ends with exit code 1 and a sentence', { timeout: 60_000 }, () => {
  it('where a class has no pixel', async () => {
    const { code, said } = await prepared(await pictures(grey(1)), { classes: { organ: [1], tumour: [2] } });
    expect(code).toBe(1);
    expect(said).toContain('class "tumour" has no pixel in the training slices');
  });

  it('where no case is left for a part that was asked for', async () => {
    const more = { patientPattern: '^(c)', split: { train: 1, validation: 0, test: 1 } };
    const { code, said } = await prepared(await pictures(grey(1)), more);
    expect(code).toBe(1);
    expect(said).toMatch(/no slice is in the (train|test) part/);
  });
});

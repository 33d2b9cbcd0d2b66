import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepConfig } from '../../src/config/sections/prep.ts';
import { previewPrep } from '../../src/imgmed/prep/preview-prep.ts';
import { writeVolume } from '../../src/imgmed/write-volume.ts';
import { runCli } from '../cli/run-cli.ts';
import { sampleMask, sampleScan } from './sample-volume.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'preview-'));
  for (const part of ['images', 'masks']) mkdirSync(join(folder, 'set', part), { recursive: true });
  for (const index of [0, 1, 2, 3]) {
    const scan = sampleScan();
    scan.data[0] = 100 + index;
    const mask = sampleMask();
    // One half of the ball is something else.
    const data = mask.data.map((value, at) => (value === 1 && at % 12 >= 6 ? 2 : value));
    await writeVolume(scan, join(folder, 'set/images', `c${index}.nii.gz`));
    await writeVolume({ ...mask, data }, join(folder, 'set/masks', `c${index}.nii.gz`));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const settings = (more: Record<string, unknown> = {}) => ({
  input: join(folder, 'set'),
  output: join(folder, 'slices'),
  slices: { count: 'all' },
  size: { height: 16, width: 16 },
  split: { train: 2, validation: 0, test: 2 },
  classes: { half: [1] },
  ...more,
});

async function colours(picture: string) {
  const { data } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let [red, orange] = [0, 0];
  for (let at = 0; at < data.length; at += 3) {
    const [r, g, b] = [data[at]!, data[at + 1]!, data[at + 2]!];
    if (r > 120 && g === b && r - g > 100) red += 1;
    if (r - b > 60 && g > b) orange += 1;
  }
  return { red, orange };
}

describe('a preview of prep', { timeout: 60_000 }, () => {
  it('draws slices of each part before and after, marks values in no class, and writes no data set', async () => {
    const pictures = join(folder, 'pictures');
    const preview = await previewPrep(prepConfig.parse(settings()), { pictures });
    expect(preview).toMatchObject({
      parts: { train: 2, validation: 0, test: 2 },
      classes: [{ name: 'background' }, { name: 'half', values: [1] }],
      failures: [],
    });
    expect([...new Set(preview.pictures.map(({ part }) => part))]).toEqual(['train', 'test']);
    expect(readdirSync(pictures)).toHaveLength(preview.pictures.length);
    expect(existsSync(join(folder, 'slices'))).toBe(false);
    for (const { slice, before, after, picture } of preview.pictures) {
      // The axes are turned to LPS: the slice's own number counts from the foot, as in these scans.
      expect(before.position).toBe(Number(/z(\d+)$/.exec(slice)![1]));
      expect((await colours(picture)).orange > 0).toBe(after.classPixels.half! > 0);
    }
    const marked = await Promise.all(preview.pictures.map(({ picture }) => colours(picture)));
    expect(marked.some(({ red }) => red > 0)).toBe(true);
  });

  it('shows a changed copy of a training slice beside it', async () => {
    const plain = await previewPrep(prepConfig.parse(settings()), { pictures: join(folder, 'plain') });
    const more = { augment: { copies: 3 } };
    const changed = await previewPrep(prepConfig.parse(settings(more)), { pictures: join(folder, 'changed') });
    const width = async (picture: string) => (await sharp(picture).metadata()).width;
    expect(await width(changed.pictures[0]!.picture)).toBeGreaterThan(await width(plain.pictures[0]!.picture));
    expect(await width(changed.pictures.at(-1)!.picture)).toBe(await width(plain.pictures.at(-1)!.picture));
  });

  it('is had from the command line, as text and as JSON, and fails where prep would', async () => {
    const config = join(folder, 'prep.yaml');
    writeFileSync(config, JSON.stringify(settings()));
    const pictures = join(folder, 'from-cli');
    const text = await runCli(['prep', config, '--preview', pictures]);
    expect(text).toMatchObject({ code: 0, stdout: expect.stringContaining('No data set was written.') });
    const json = await runCli(['prep', config, '--preview', pictures, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ name: 'set', pictures: expect.any(Array) });
    writeFileSync(config, JSON.stringify(settings({ classes: undefined })));
    const refused = await runCli(['prep', config, '--preview', pictures]);
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('nothing says what they stand for') });
    expect(existsSync(join(folder, 'slices'))).toBe(false);
  });
});

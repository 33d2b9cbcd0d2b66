import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { VoxelArray } from '../../src/imgmed/volume/volume.ts';
import { writeVolume } from '../../src/imgmed/write-volume.ts';
import { runCli } from '../cli/run-cli.ts';
import { sampleMask, sampleScan } from './sample-volume.ts';

let root: string;
let number = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'nnunet-labels-'));
});
afterAll(() => rmSync(root, { recursive: true }));

const ball = sampleMask().data;
const rings = ball.map((value, index) => (value === 1 ? 1 + (index % 3) : 0));

/** Four scans in nnU-Net's layout whose masks are `mask`. */
async function dataset(labels: unknown, mask: VoxelArray, numTraining = 4): Promise<string> {
  const folder = join(root, String(++number));
  for (const part of ['imagesTr', 'labelsTr']) mkdirSync(join(folder, part), { recursive: true });
  for (const index of [0, 1, 2, 3]) {
    const scan = sampleScan();
    scan.data[0] = 100 + index;
    await writeVolume(scan, join(folder, 'imagesTr', `c${index}_0000.nii.gz`));
    await writeVolume({ ...sampleMask(), data: mask }, join(folder, 'labelsTr', `c${index}.nii.gz`));
  }
  const json = { channel_names: { 0: 'T1' }, labels, numTraining, file_ending: '.nii.gz' };
  writeFileSync(join(folder, 'dataset.json'), JSON.stringify(json));
  return folder;
}

async function prepared(input: string, more: Record<string, unknown> = {}) {
  const config = `${input}.yaml`;
  const size = { height: 16, width: 16, fit: 'stretch' };
  const split = { train: 3, validation: 0, test: 1 };
  writeFileSync(config, JSON.stringify({ input, output: `${input}-slices`, size, split, ...more }));
  const { code, stdout, stderr } = await runCli(['prep', config, '--workers', '1']);
  return { code, said: stdout + stderr };
}

const check = (folder: string) => runCli(['data', 'check', folder, '--pictures', join(root, 'pictures')]);
const summary = z.object({
  summaries: z.array(
    z.object({ class: z.string(), label: z.unknown(), metric: z.string(), mean: z.number().nullable() }),
  ),
  failures: z.array(z.unknown()),
});

/** Mean dice by class, as `eval` prints it. */
async function dices(predicted: string, folder: string) {
  const { code, stdout } = await runCli([
    ...['eval', predicted, join(folder, 'labelsTr')],
    ...['--labels', join(folder, 'dataset.json'), '--json'],
  ]);
  expect(code).toBe(0);
  const { summaries } = summary.parse(JSON.parse(stdout));
  return Object.fromEntries(
    summaries.filter(({ metric }) => metric === 'dice').map((entry) => [entry.class, entry.mean]),
  );
}

describe('nnU-Net’s kinds of labels, through the command line', { timeout: 60_000 }, () => {
  it('are judged as regions, and trained as the classes that the refusal writes out', async () => {
    const folder = await dataset({ background: 0, whole: [1, 2, 3], core: [2, 3], enhancing: [3] }, rings);
    expect(await check(folder)).toMatchObject({ code: 0, stdout: expect.stringContaining('whole, core are regions') });
    const refused = await prepared(folder);
    expect(refused.code).toBe(1);
    const classes = /classes: (\{ "rest of whole": \[1\], "rest of core": \[2\], "enhancing": \[3\] \})/.exec(
      refused.said,
    );
    expect(await prepared(folder, { classes: JSON.parse(classes![1]!) })).toMatchObject({ code: 0 });
    const predicted = await dataset(
      { background: 0, a: 1 },
      rings.map((value) => (value === 2 ? 3 : value)),
    );
    const { whole, core, enhancing } = await dices(join(predicted, 'labelsTr'), folder);
    expect([whole, core]).toEqual([1, 1]);
    expect(enhancing).toBeCloseTo(2 / 3, 1);
  });

  it('leave voxels of "ignore" out of every number', async () => {
    const unlabelled = ball.map((value, index) => (index < ball.length / 2 ? 2 : value));
    const folder = await dataset({ background: 0, ball: 1, ignore: 2 }, unlabelled);
    expect(await check(folder)).toMatchObject({ code: 0, stdout: expect.stringContaining('label 2 is "ignore"') });
    expect(await prepared(folder)).toMatchObject({ code: 1, said: expect.stringContaining('unlabelled: [2]') });
    const predicted = await dataset({ background: 0, ball: 1 }, ball);
    expect(await dices(join(predicted, 'labelsTr'), folder)).toEqual({ ball: 1 });
  });

  it('come with a number of cases that must be right, unless the config agrees to fewer', async () => {
    const folder = await dataset({ background: 0, ball: 1 }, ball, 5);
    const sentence = expect.stringContaining('dataset.json says numTraining 5, but 4 can be read');
    expect(await check(folder)).toMatchObject({ code: 1, stdout: sentence });
    expect(await prepared(folder)).toMatchObject({ code: 1, said: sentence });
    expect(readFileSync(join(`${folder}-slices`, 'manifest.json'), 'utf8')).toContain('"ball"');
    expect(await prepared(folder, { failedCases: 'skip' })).toMatchObject({ code: 0, said: sentence });
    expect(await prepared(folder, { failedCases: 'stop' })).toMatchObject({ code: 1, said: sentence });
  });
});

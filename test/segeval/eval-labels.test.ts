import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VoxelArray } from '../../src/imgmed/volume/volume.ts';
import { writeVolume } from '../../src/imgmed/write-volume.ts';
import { evaluateFolders } from '../../src/segeval/cases.ts';
import { sampleMask } from '../imgmed/sample-volume.ts';

let root: string;
let number = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'eval-'));
});
afterAll(() => rmSync(root, { recursive: true }));

const empty = { bothEmpty: 'perfect', oneEmpty: 'diagonal' } as const;
const ball = sampleMask().data;

async function evaluated(
  masks: Record<string, [predicted: VoxelArray, truth: VoxelArray]>,
  labels?: (number | string)[],
  ignore?: number,
) {
  const folder = join(root, String(++number));
  for (const part of ['p', 't']) mkdirSync(join(folder, part), { recursive: true });
  for (const [id, pair] of Object.entries(masks)) {
    for (const [index, part] of ['p', 't'].entries()) {
      await writeVolume({ ...sampleMask(), data: pair[index]! }, join(folder, part, `${id}.nii.gz`));
    }
  }
  return evaluateFolders(join(folder, 'p'), join(folder, 't'), { emptyMasks: empty, labels, ignore });
}

describe('the labels of an evaluation', () => {
  it.each([
    ['probabilities', Float32Array.from(ball, (value) => 0.7 * value), 'holds the value 0.699'],
    ['labels that are nearly whole', Float32Array.from(ball, (value) => 0.9999 * value), 'holds the value 0.9998'],
    ['NaN', Float32Array.from(ball, (value) => (value === 1 ? Number.NaN : 0)), 'holds the value NaN'],
    [
      'other values than the truth',
      ball.map((value) => 255 * value),
      'holds label values 255, but the true masks hold 1',
    ],
  ])('are refused where the prediction holds %s', async (_, predicted, words) => {
    const { results, failures } = await evaluated({ a: [predicted, ball] });
    expect(results).toEqual([]);
    expect(failures).toEqual([{ id: 'a', reason: expect.stringContaining(words) }]);
  });

  it('are those of all true masks for every case, as if they were named', async () => {
    const both = ball.map((value, index) => (value === 1 && index % 2 === 0 ? 2 : value));
    const masks: Parameters<typeof evaluated>[0] = { a: [ball, ball], b: [both, both] };
    const told = await evaluated(masks);
    expect(told).toEqual(await evaluated(masks, [1, 2]));
    expect(told.results.map(({ id, label }) => `${id} ${label}`)).toEqual(['a 1', 'b 1', 'a 2', 'b 2']);
  });

  it('refuse two masks of one name', async () => {
    const folder = join(root, 'twice');
    mkdirSync(folder);
    for (const name of ['a.nii.gz', 'a_seg.nii.gz']) writeFileSync(join(folder, name), '');
    await expect(evaluateFolders(folder, folder, { emptyMasks: empty })).rejects.toThrow(
      'are both masks of a; keep one',
    );
  });

  it('refuse probabilities when the labels are named, too', async () => {
    const { failures } = await evaluated({ a: [Float32Array.from(ball, (value) => 0.7 * value), ball] }, [1]);
    expect(failures).toEqual([{ id: 'a', reason: expect.stringContaining('labels are whole numbers') }]);
  });
});

describe('nnU-Net’s label kinds', () => {
  const rim = ball.map((value, index) => (value === 1 ? 1 + (index % 3) : 0));

  it('judge a region as the voxels of any of its values', async () => {
    const shuffled = rim.map((value) => (value === 2 ? 3 : value === 3 ? 2 : value));
    const { results } = await evaluated({ a: [shuffled, rim] }, ['1+2+3', '2+3', 3]);
    expect(results.map(({ label, metrics }) => [label, metrics.dice])).toEqual([
      [3, 0],
      ['1+2+3', 1],
      ['2+3', 1],
    ]);
  });

  it('count no voxel that nobody labelled, whatever is predicted there', async () => {
    const truth = ball.map((value, index) => (index < ball.length / 2 ? 4 : value));
    const predicted = ball.map((value, index) => (index < ball.length / 4 ? 1 : value));
    const { results, allClasses, failures } = await evaluated({ a: [predicted, truth] }, undefined, 4);
    expect(failures).toEqual([]);
    expect(results.map(({ label }) => label)).toEqual([1]);
    expect(results[0]!.metrics).toMatchObject({ dice: 1, specificity: 1, accuracy: 1, hausdorffMm: 0 });
    const wrong = truth.map((value) => (value === 4 ? 1 : 0));
    const all = await evaluated({ a: [wrong, truth] }, [1], 4);
    const judged = truth.filter((value) => value !== 4).length;
    const missed = truth.filter((value) => value === 1).length;
    expect(all.results[0]!.metrics.accuracy).toBeCloseTo(1 - missed / judged, 12);
    expect(all.allClasses.pooled.pixelAccuracy).toBeCloseTo(1 - missed / judged, 12);
    expect(allClasses.pooled.pixelAccuracy).toBe(1);
  });
});

it('all classes together count the background, each case and all voxels of all cases', async () => {
  const half = ball.map((value, index) => (index < ball.length / 2 ? value : 0));
  const { allClasses } = await evaluated({ a: [ball, ball], b: [half, ball] });
  const voxels = ball.length;
  const [inside, found] = [ball, half].map((mask) => mask.filter((value) => value === 1).length) as [number, number];
  const iou = (hit: number, all: number) => hit / all;
  expect(allClasses.cases.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(allClasses.cases[0]!.metrics).toMatchObject({ pixelAccuracy: 1, meanIoU: 1, frequencyWeightedIoU: 1 });
  const outside = voxels - inside;
  const [background, foreground] = [iou(outside, voxels - found), iou(found, inside)];
  const expected = {
    pixelAccuracy: (outside + found) / voxels,
    meanAccuracy: (1 + found / inside) / 2,
    meanIoU: (background + foreground) / 2,
    frequencyWeightedIoU: (outside * background + inside * foreground) / voxels,
  };
  for (const [name, value] of Object.entries(expected)) {
    expect(allClasses.cases[1]!.metrics[name], name).toBeCloseTo(value, 12);
  }
  expect(allClasses.pooled.pixelAccuracy).toBeCloseTo((voxels + outside + found) / (2 * voxels), 12);
});

import { fileURLToPath } from 'node:url';
import type { ModelConfig } from '../../src/config/sections/model.ts';
import type { Setting } from '../../src/domain/setting.ts';
import type { Dataset, Split } from '../../src/trainer/data/dataset.ts';
import { phantom } from '../../src/trainer/data/phantom.ts';
import { loadSlices } from '../../src/trainer/data/slices.ts';
import { Refusal } from '../support/refusal.ts';

/**
 * What is trained, fixed here with slices of its own (`data/`: those of the examples at 28 Nov 2026, which had no
 * validation part), so that recorded runs stay valid when an example changes. Accuracies are of the test part; if there
 * is a validation part, settings are chosen on that.
 */
export interface BenchTask {
  name: string;
  /** Used for the design (`designed`), or looked at only once everything was fixed. */
  part: 'designed' | 'heldOut';
  data: () => Dataset;
  model: ModelConfig;
  metric: 'dice' | 'accuracy';
  /** Largest loss that counts as none; as a fraction. */
  margin: number;
  batchPerWorker: number;
  /** E of one worker, and of any setting that does not say otherwise. */
  epochs: number;
  /** One worker's, with the best of the rates tried. */
  baseline: Setting;
  /** Worker counts that are recorded. */
  workers: number[];
}

const fcn: ModelConfig = { architecture: 'fcn', channels: 16, normalization: 'group', groups: 4 };
const unet: ModelConfig = {
  architecture: 'unet',
  channels: 8,
  depth: 3,
  normalization: 'group',
  groups: 4,
  dropout: 0,
};
const baselineOf = (initialLr: number, decayEpochs = 15): Setting => ({
  initialLr,
  warmupEpochs: 5,
  decayEpochs,
  decayCoefficient: 3,
  optimizer: 'sgd',
});
const slices = (folder: string) => () => loadSlices(fileURLToPath(new URL(`data/${folder}`, import.meta.url)));
/** Makes the last slices of the training part the validation part, as in the examples. */
const withValidation = (load: () => Dataset, count: number) => () => {
  const dataset = load();
  const { train } = dataset.splits;
  const pixels = dataset.height * dataset.width * dataset.channels;
  const labels = train.labels.length / train.count;
  const from = train.count - count;
  const part = (first: number, last: number): Split => ({
    count: last - first,
    images: train.images.subarray(first * pixels, last * pixels),
    labels: train.labels.subarray(first * labels, last * labels),
    cases: train.cases.slice(first, last),
  });
  return { ...dataset, splits: { ...dataset.splits, train: part(0, from), validation: part(from, train.count) } };
};
const atrium = { size: 32, trainSlices: 240, testSlices: 120, noise: 0.12, seed: 0 };
const digits = {
  model: { architecture: 'vgg', channels: 8, depth: 2, normalization: 'group', groups: 4, dropout: 0 },
  metric: 'accuracy',
  margin: 0.02,
  batchPerWorker: 4,
  epochs: 30,
  baseline: baselineOf(0.1, 11),
} as const;
const segmentation = { metric: 'dice', margin: 0.01, batchPerWorker: 1, epochs: 40 } as const;

export const benchTasks: readonly BenchTask[] = [
  {
    name: 'cerebellum',
    part: 'designed',
    data: slices('cerebellum'),
    model: fcn,
    ...segmentation,
    baseline: baselineOf(0.8),
    workers: [18, 8],
  },
  {
    name: 'cerebellumUnet',
    part: 'designed',
    data: slices('cerebellum'),
    model: unet,
    ...segmentation,
    baseline: baselineOf(1),
    workers: [18],
  },
  {
    name: 'atrium',
    part: 'designed',
    data: () => phantom(atrium),
    model: fcn,
    ...segmentation,
    baseline: baselineOf(1),
    workers: [18],
  },
  {
    name: 'digits',
    part: 'heldOut',
    data: slices('digits'),
    ...digits,
    workers: [8],
  },
  // Chosen on one part, confirmed on another, as in a study.
  {
    name: 'digitsApart',
    part: 'heldOut',
    data: withValidation(slices('digits'), 300),
    ...digits,
    workers: [8],
  },
];

/** The task with this name. Throws if there is none. */
export function taskNamed(name: string): BenchTask {
  const task = benchTasks.find((each) => each.name === name);
  if (task) return task;
  throw new Refusal(`There is no task "${name}". Tasks: ${benchTasks.map((each) => each.name).join(', ')}.`);
}

import type { Task } from '../../domain/task.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import { labelsPerImage } from '../task-shape.ts';
import type { Parameters } from './kinds.ts';
import { contractBroken, type Loaded } from './loaded.ts';

export interface DatasetContext {
  task: Task;
  parameters: Parameters;
}

/** The source of images and labels. Must be the same on every process: seed random choices from the parameters. */
export interface DatasetDefinition {
  load(context: DatasetContext): Dataset | Promise<Dataset>;
}

export function defineDataset(definition: DatasetDefinition) {
  return { ...definition, component: 'dataset' as const };
}

/** Loads the data and checks them against the contract: sizes, finite intensities, class numbers in range. */
export async function openDataset(
  { where, definition, parameters }: Loaded<DatasetDefinition>,
  task: Task,
): Promise<Dataset> {
  const dataset = await definition.load({ task, parameters });
  if (typeof dataset !== 'object' || dataset === null) throw contractBroken(where, 'load must return a data set');
  const { height, width, channels, classes, splits } = dataset;
  for (const [name, value] of Object.entries({ height, width, channels })) {
    if (!Number.isInteger(value) || value < 1) {
      throw contractBroken(where, `${name} is ${String(value)}; give a whole number from 1`);
    }
  }
  if (!Array.isArray(classes) || classes.length < 2 || classes.length > 256) {
    throw contractBroken(
      where,
      `classes must be 2 to 256 names, class 0 ${task === 'segmentation' ? 'the background' : 'the first'}`,
    );
  }
  const given = { ...dataset, task };
  for (const name of ['train', 'test']) {
    if (splits?.[name] === undefined) throw contractBroken(where, `splits has no "${name}"; give train and test`);
  }
  for (const [name, split] of Object.entries(splits)) checkSplit({ where, name, split, dataset: given });
  return { ...given, name: typeof dataset.name === 'string' ? dataset.name : 'custom' };
}

interface SplitCheck {
  where: string;
  name: string;
  split: Split;
  dataset: Dataset;
}

function checkSplit({ where, name, split, dataset }: SplitCheck): void {
  const { height, width, channels, classes } = dataset;
  const { count, images, labels } = split;
  if (!Number.isInteger(count) || count < 1) {
    throw contractBroken(where, `splits.${name}.count is ${String(count)}; give the number of images`);
  }
  const pixels = count * height * width * channels;
  if (!(images instanceof Float32Array) || images.length !== pixels) {
    throw contractBroken(
      where,
      `splits.${name}.images must be a Float32Array of ${count} × ${height} × ${width} × ${channels} = ${pixels} values${lengthOf(images)}`,
    );
  }
  const numbers = count * labelsPerImage(dataset);
  if (!(labels instanceof Uint8Array) || labels.length !== numbers) {
    throw contractBroken(
      where,
      `splits.${name}.labels must be a Uint8Array of ${numbers} class numbers (one per ${dataset.task === 'classification' ? 'image' : 'pixel'})${lengthOf(labels)}`,
    );
  }
  const unusable = images.findIndex((value) => !Number.isFinite(value));
  if (unusable >= 0) throw contractBroken(where, `splits.${name}.images holds ${images[unusable]} at ${unusable}`);
  const wrong = labels.findIndex((value) => value >= classes.length);
  if (wrong >= 0) {
    throw contractBroken(
      where,
      `splits.${name}.labels holds class ${labels[wrong]} at ${wrong}; with ${classes.length} classes they run from 0 to ${classes.length - 1}`,
    );
  }
}

function lengthOf(value: unknown): string {
  return ArrayBuffer.isView(value) && 'length' in value
    ? `; it is a ${value.constructor.name} of ${String(value.length)}`
    : '';
}

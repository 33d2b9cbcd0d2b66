import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { PrepConfig } from '../config/sections/prep.ts';
import { AutopilotError } from '../domain/errors.ts';
import { count } from '../domain/text/format.ts';
import { ofEqualChannels } from '../imgmed/load-case.ts';
import { assembleSlice, cutPlanes, sliceGrid } from '../imgmed/prep/cut-slices.ts';
import { prepareVolume } from '../imgmed/prep/prepare-volume.ts';
import { orientationOf, reorient } from '../imgmed/volume/orientation.ts';
import { resizeStrongest } from '../imgmed/volume/resample.ts';
import type { Volume } from '../imgmed/volume/volume.ts';
import type { Dataset } from '../trainer/data/dataset.ts';
import { buildModel } from '../trainer/models/build-model.ts';
import { predict, scoresOf } from '../trainer/predict.ts';
import { transferWeights } from '../trainer/zoo-model/transfer-weights.ts';
import { readZooModel, readZooWeights, type ZooModel } from '../trainer/zoo-model/zoo-model.ts';

export interface LoadedModel {
  model: LayersModel;
  description: ZooModel;
  preprocessing: PrepConfig;
  shape: Pick<Dataset, 'height' | 'width' | 'channels' | 'classes'>;
}

/** Builds a zoo model with its weights; a compute back end must be open. */
export function loadZooModel(folder: string): LoadedModel {
  const description = readZooModel(folder);
  const { architecture, input, preprocessing } = description;
  if (architecture === null || input === null || preprocessing === null) {
    throw new AutopilotError(
      'zoo.cannotPredict',
      `${folder}: holds weights without their preprocessing; it can start a model (model.initFrom) but not predict`,
    );
  }
  const shape = { height: input.height, width: input.width, channels: input.channels.length, classes: input.classes };
  const model = buildModel(architecture, shape, 0);
  const { kept } = transferWeights(model, readZooWeights(folder, description));
  if (kept.length > 0) {
    throw new AutopilotError(
      'zoo.model',
      `${folder}: its weights do not fit its architecture: ${kept[0]!.name}, ${kept[0]!.reason}`,
    );
  }
  return { model, description, preprocessing, shape };
}

/**
 * Predicts a scan's mask on the scan's own grid, with the label values of the data set the model learned from, or class
 * numbers if the model does not record them.
 */
export async function predictScan(
  { model, description, preprocessing, shape }: LoadedModel,
  given: Volume,
): Promise<Volume> {
  const scan = inColoursOf(given, shape.channels);
  const config: PrepConfig = {
    ...preprocessing,
    slices: { plane: preprocessing.slices.plane, count: 'all', foregroundOnly: false },
  };
  const { scan: prepared, turned, box } = prepareVolume(scan, null, config, description.input?.channels ?? []);
  if (prepared.channels !== shape.channels) {
    throw new AutopilotError(
      'zoo.channels',
      `the scan has ${count(prepared.channels, 'channel')}, the model expects ${shape.channels} (${description.input?.channels.join(', ')}); give all of its files together, as CASE_0000, CASE_0001 and so on, or one file that holds them`,
    );
  }
  const grid = sliceGrid(prepared, config);
  const planes = cutPlanes(prepared, grid, config);
  const slices = grid.positions.length;
  const pixels = shape.height * shape.width;
  const images = new Float32Array(slices * pixels * shape.channels);
  for (let number = 0; number < slices; number++) {
    images.set(assembleSlice(planes, null, number, grid, config.size).image, number * pixels * shape.channels);
  }
  const split = { count: slices, images, labels: new Uint8Array(0), cases: [] };
  const dataset: Dataset = { name: 'scan', ...shape, splits: { train: split, test: split } };
  const classes = await predict(scoresOf(model), dataset, split, 0, slices);
  const inner = unpadded(classes, shape, grid.inner, slices);
  const [width, height] = [prepared.size[grid.columns]!, prepared.size[grid.rows]!];
  const full = resizeStrongest(
    inner,
    [grid.inner.width, grid.inner.height, slices],
    [width, height, slices],
    shape.classes.length,
  );
  const onPrepared = scattered(full, prepared, grid, width, height);
  const cropped = box.to.map((end, axis) => end - box.from[axis]!);
  const onCropped = resizeStrongest(onPrepared, prepared.size, cropped, shape.classes.length);
  const mask = reorient(pasted(onCropped, turned, box.from, cropped), orientationOf(scan));
  return description.input?.labelValues === undefined ? mask : relabelled(mask, description.input.labelValues);
}

/** Adapts a grey picture to a model of colours, and vice versa: equal channels mean grey. */
function inColoursOf(scan: Volume, channels: number): Volume {
  if (scan.channels === 3 && channels === 1) return ofEqualChannels(scan) ?? scan;
  if (scan.channels !== 1 || channels !== 3 || scan.size[2] !== 1) return scan;
  const data = new Float32Array(3 * scan.data.length);
  for (let channel = 0; channel < 3; channel++) data.set(scan.data, channel * scan.data.length);
  return { ...scan, channels: 3, data };
}

/** Class numbers replaced by label values, in the smallest number type that holds them. */
function relabelled(mask: Volume, values: readonly number[]): Volume {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const Voxels = low >= 0 && high < 256 ? Uint8Array : low >= -32768 && high < 32768 ? Int16Array : Int32Array;
  return { ...mask, data: new Voxels(Array.from(mask.data, (label) => values[label]!)) };
}

function unpadded(
  classes: Int32Array,
  { height, width }: LoadedModel['shape'],
  inner: { width: number; height: number; left: number; top: number },
  count: number,
): Uint8Array {
  const result = new Uint8Array(count * inner.width * inner.height);
  let target = 0;
  for (let number = 0; number < count; number++) {
    for (let row = 0; row < inner.height; row++) {
      const start = (number * height + row + inner.top) * width + inner.left;
      for (let column = 0; column < inner.width; column++) result[target++] = classes[start + column]!;
    }
  }
  return result;
}

/** Puts slices back where they were gathered from. */
function scattered(
  slices: Uint8Array,
  { size }: Volume,
  grid: { axis: number; columns: number; rows: number; positions: number[] },
  width: number,
  height: number,
): Uint8Array {
  const strides = [1, size[0], size[0] * size[1]];
  const result = new Uint8Array(size[0] * size[1] * size[2]);
  let source = 0;
  for (const position of grid.positions) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const target = position * strides[grid.axis]! + row * strides[grid.rows]! + column * strides[grid.columns]!;
        result[target] = slices[source++]!;
      }
    }
  }
  return result;
}

function pasted(part: Uint8Array, whole: Volume, from: readonly number[], size: readonly number[]): Volume {
  const [width, height] = whole.size;
  const data = new Uint8Array(width * height * whole.size[2]);
  for (let k = 0; k < size[2]!; k++) {
    for (let j = 0; j < size[1]!; j++) {
      const row = (k * size[1]! + j) * size[0]!;
      const target = ((k + from[2]!) * height + j + from[1]!) * width + from[0]!;
      data.set(part.subarray(row, row + size[0]!), target);
    }
  }
  return { ...whole, channels: 1, data };
}

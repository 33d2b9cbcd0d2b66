import type { DatasetShape } from '../data/dataset.ts';
import { labelsPerImage } from '../task-shape.ts';
import type { Parameters } from './kinds.ts';
import { contractBroken, type Loaded } from './loaded.ts';

export interface MetricImage {
  /** Class numbers of one image: one per pixel, row by row, or a single one for classification. */
  reference: Uint8Array;
  predicted: Int32Array;
  shape: DatasetShape;
  parameters: Parameters;
}

/** A number for decisions and tables, computed from counts that are summed over images and processes. */
export interface MetricDefinition {
  /** Its name in `decision.metrics` and in the history. */
  name: string;
  /** How many numbers `count` returns. */
  counts: number;
  count(image: MetricImage): ArrayLike<number>;
  /** Computes the metric from the summed counts. */
  value(sums: Float64Array): number;
}

export function defineMetric(definition: MetricDefinition) {
  return { ...definition, component: 'metric' as const };
}

export interface OpenMetric {
  name: string;
  counts: number;
  count(reference: Uint8Array, predicted: Int32Array): ArrayLike<number>;
  value(sums: Float64Array): number;
}

/** Checks the metric against the contract on one image: the declared number of counts, and a number as its value. */
export function openMetric(
  { where, definition, parameters }: Loaded<MetricDefinition>,
  shape: DatasetShape,
): OpenMetric {
  const { name, counts } = definition;
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name)) {
    throw contractBroken(where, `name is ${JSON.stringify(name)}; use letters and digits, such as "lesionRecall"`);
  }
  if (!Number.isInteger(counts) || counts < 1) {
    throw contractBroken(where, `counts is ${String(counts)}; say how many numbers count() gives`);
  }
  const metric: OpenMetric = {
    name,
    counts,
    count(reference, predicted) {
      const given = definition.count({ reference, predicted, shape, parameters });
      if (given?.length === counts) return given;
      throw contractBroken(where, `count gives ${given?.length ?? 'no'} numbers, "counts" says ${counts}`);
    },
    value: (sums) => definition.value(sums),
  };
  const numbers = labelsPerImage(shape);
  const reference = Uint8Array.from({ length: numbers }, (_, index) => index % shape.classes.length);
  const sums = Float64Array.from(metric.count(reference, Int32Array.from(reference)));
  const value: unknown = metric.value(sums);
  if (typeof value !== 'number') throw contractBroken(where, `value gives ${typeof value}; give a number`);
  return metric;
}

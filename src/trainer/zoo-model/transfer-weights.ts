import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { AutopilotError } from '../../domain/errors.ts';
import { type NamedWeight, readZooWeights } from './zoo-model.ts';

export interface TransferReport {
  taken: string[];
  /** Weights of the model that keep their initial values, each with the reason. */
  kept: { name: string; reason: string }[];
}

/** Copies into a model the stored weights whose name and shape agree; its other weights keep their values. */
export function transferWeights(model: LayersModel, stored: readonly NamedWeight[]): TransferReport {
  const byName = new Map(stored.map((weight) => [weight.name, weight]));
  const report: TransferReport = { taken: [], kept: [] };
  for (const weight of model.weights) {
    const name = weight.originalName;
    const shape = weight.shape as number[];
    const source = byName.get(name);
    if (source === undefined) report.kept.push({ name, reason: 'not in the zoo model' });
    else if (source.shape.join() !== shape.join()) {
      report.kept.push({ name, reason: `${source.shape.join('×')} there, ${shape.join('×')} here` });
    } else {
      tf.tidy(() => {
        weight.write(tf.tensor(source.values, shape));
      });
      report.taken.push(name);
    }
  }
  return report;
}

/** `model.initFrom`: transfers weights from a zoo model's folder; no weight in common is an error, no fresh start. */
export function initializeFrom(model: LayersModel, folder: string): TransferReport {
  const report = transferWeights(model, readZooWeights(folder));
  if (report.taken.length === 0) {
    throw new AutopilotError(
      'zoo.nothingInCommon',
      `model.initFrom: no weight of ${folder} has the name and shape of one in this model; choose another zoo model or architecture`,
    );
  }
  return report;
}

const mostNamed = 3;

/** One sentence for the run's events, which also list every name. */
export function describeTransfer(folder: string, { taken, kept }: TransferReport): string {
  const whole = taken.length + kept.length;
  if (kept.length === 0) return `initFrom ${folder}: the run starts from all of its ${whole} weights`;
  const named = kept.slice(0, mostNamed).map(({ name, reason }) => `${name} (${reason})`);
  const more = kept.length > mostNamed ? ` and ${kept.length - mostNamed} more` : '';
  return `initFrom ${folder}: the run starts from ${taken.length} of its ${whole} weights; these start fresh: ${named.join(', ')}${more}`;
}

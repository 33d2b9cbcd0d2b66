import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { DatasetShape } from '../data/dataset.ts';
import { initialize } from '../models/initialize.ts';
import { scoresShape } from '../task-shape.ts';
import type { Parameters } from './kinds.ts';
import { calling, contractBroken, type Loaded } from './loaded.ts';

export interface ArchitectureContext {
  tf: typeof tf;
  /** TensorFlow.js Layers: `layers`, `input`, `model`, `sequential`. */
  tfl: typeof tfl;
  /** Height, width and channels of an image, names of the classes, and the task. */
  shape: DatasetShape;
  seed: number;
  parameters: Parameters;
}

/** A network that returns scores before softmax: [n, height, width, classes], or [n, classes] for classification. */
export interface ArchitectureDefinition {
  build(context: ArchitectureContext): tfl.LayersModel;
  /** `he`: autopilot draws every kernel from the run's seed (He et al. 2015). `own`: the module's weights are kept. */
  initialization?: 'he' | 'own';
  /** True when a layer mixes images of a batch, as batch normalization does; workers are then never fused. */
  mixesImages?: boolean;
}

export function defineArchitecture(definition: ArchitectureDefinition) {
  return { ...definition, component: 'architecture' as const };
}

/** Builds the network and checks it against the contract: output shape, finite scores, trainable weights. */
export function openArchitecture(
  { where, definition, parameters }: Loaded<ArchitectureDefinition>,
  shape: DatasetShape,
  seed: number,
): tfl.LayersModel {
  const model = definition.build({ tf, tfl, shape, seed, parameters });
  if (!isModel(model)) {
    throw contractBroken(
      where,
      'build must return a Layers model; end it with "return tfl.model({ inputs, outputs })"',
    );
  }
  if (model.trainableWeights.length === 0) {
    throw contractBroken(where, 'the network has no trainable weights; leave its layers trainable');
  }
  if (definition.initialization !== 'own') initialize(model, seed);
  const wanted = scoresShape(shape, 2);
  const { given, finite } = calling(where, 'the network', () =>
    tf.tidy(() => {
      const images = tf.randomNormal([2, shape.height, shape.width, shape.channels], 0, 1, 'float32', 1);
      const scores = model.apply(images, { training: false });
      if (Array.isArray(scores)) return { given: `${scores.length} outputs`, finite: true };
      const first = scores as tf.Tensor;
      return { given: `[${first.shape.join(', ')}]`, finite: tf.all(tf.isFinite(first)).dataSync()[0] === 1 };
    }),
  );
  if (given !== `[${wanted.join(', ')}]`) {
    throw contractBroken(
      where,
      `for 2 images of ${shape.height}×${shape.width}×${shape.channels} the network gives ${given}, but it must give [${wanted.join(', ')}]: one score per class${shape.task === 'classification' ? '' : ' and pixel'}. Correct its last layer`,
    );
  }
  if (!finite) throw contractBroken(where, 'the untrained network gives scores that are not finite; scale its weights');
  return model;
}

function isModel(value: unknown): value is tfl.LayersModel {
  return (
    typeof value === 'object' &&
    value !== null &&
    'apply' in value &&
    Array.isArray((value as { trainableWeights?: unknown }).trainableWeights)
  );
}

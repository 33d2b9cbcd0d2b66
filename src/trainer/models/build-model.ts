import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ModelConfig } from '../../config/model.ts';
import { AutopilotError } from '../../domain/errors.ts';
import type { DatasetShape } from '../data/dataset.ts';
import { fcn } from './fcn.ts';
import { initialize } from './initialize.ts';
import { unet } from './unet.ts';

/** The network a study's `model` section names, with its seeded initial weights. It returns scores before softmax. */
export function buildModel(config: ModelConfig, shape: DatasetShape, seed: number): LayersModel {
  const multiple = config.architecture === 'fcn' ? 4 : 2 ** (config.depth - 1);
  if (shape.height % multiple !== 0 || shape.width % multiple !== 0) {
    throw new AutopilotError(
      'model.size',
      `${config.architecture}: the slices are ${shape.height}×${shape.width}; both must be multiples of ${multiple}. Resize the slices or choose fewer levels.`,
    );
  }
  const model = config.architecture === 'fcn' ? fcn(config, shape) : unet(config, shape, seed);
  initialize(model, seed);
  return model;
}

/** Does any layer look at more than one slice at a time? Then k workers of b are not one worker of k·b. */
export function mixesSamples(config: ModelConfig): boolean {
  return config.normalization === 'batch';
}

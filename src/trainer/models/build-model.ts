import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ModelConfig } from '../../config/sections/model.ts';
import { taskOf } from '../../config/task-of.ts';
import { AutopilotError } from '../../domain/errors.ts';
import type { DatasetShape } from '../data/dataset.ts';
import { fcn } from './fcn.ts';
import { fcn8s, startBilinear } from './fcn8s.ts';
import { initialize } from './initialize.ts';
import { resnet } from './resnet.ts';
import { unet } from './unet.ts';
import { vgg } from './vgg.ts';

/** The network a study's `model` section names, with its seeded initial weights. It returns scores before softmax. */
export function buildModel(config: ModelConfig, shape: DatasetShape, seed: number): LayersModel {
  const task = taskOf(config.architecture);
  if (task !== (shape.task ?? 'segmentation')) {
    throw new AutopilotError(
      'model.task',
      `model.architecture ${config.architecture} is for ${task}, but the data are labelled for ${shape.task ?? 'segmentation'}. Choose ${shape.task === 'classification' ? 'vgg or resnet' : 'fcn or unet'}.`,
    );
  }
  const multiple = sizeMultiple(config);
  if (shape.height % multiple !== 0 || shape.width % multiple !== 0) {
    throw new AutopilotError(
      'model.size',
      `${config.architecture}: the slices are ${shape.height}×${shape.width}; both must be multiples of ${multiple}. Resize the slices or choose fewer levels.`,
    );
  }
  const model = networkOf(config, shape, seed);
  initialize(model, seed);
  if (config.architecture === 'fcn8s') startBilinear(model);
  return model;
}

function networkOf(config: ModelConfig, shape: DatasetShape, seed: number): LayersModel {
  switch (config.architecture) {
    case 'fcn':
      return fcn(config, shape);
    case 'unet':
      return unet(config, shape, seed);
    case 'fcn8s':
      return fcn8s(config, shape, seed);
    case 'vgg':
      return vgg(config, shape, seed);
    case 'resnet':
      return resnet(config, shape, seed);
  }
}

/** The number that height and width must be multiples of: the factor by which the network shrinks them. */
function sizeMultiple(config: ModelConfig): number {
  if (config.architecture === 'fcn') return 4;
  return config.architecture === 'fcn8s' ? 32 : 2 ** (config.depth - 1);
}

/** Whether any layer looks at more than one slice at a time; k workers of b are then not one worker of k·b. */
export function mixesSamples(config: ModelConfig): boolean {
  return config.normalization === 'batch';
}

import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { ModelConfig } from '../../config/sections/model.ts';
import type { DatasetShape } from '../data/dataset.ts';
import { convolutionBlock } from './convolution-block.ts';
import { StepDropout } from './step-dropout.ts';

type VggConfig = Extract<ModelConfig, { architecture: 'vgg' }>;

/**
 * A classifier in the style of VGG (Simonyan and Zisserman 2015): levels of two 3×3 convolutions, with the image halved
 * in between; then the mean over all pixels and one dense layer. Returns one score per class before softmax. Height and
 * width must be multiples of 2^(depth − 1).
 */
export function vgg(config: VggConfig, { height, width, channels, classes }: DatasetShape, seed: number): LayersModel {
  const block = convolutionBlock(config);
  const image = input({ shape: [height, width, channels], name: 'image' });
  let x = image;
  for (let level = 0; level < config.depth; level++) {
    if (level > 0) x = layers.maxPooling2d({ name: `down-${level}`, poolSize: 2 }).apply(x) as SymbolicTensor;
    const filters = config.channels * 2 ** level;
    x = block(`level-${level}-2`, block(`level-${level}-1`, x, filters), filters);
  }
  x = layers.globalAveragePooling2d({ name: 'mean' }).apply(x) as SymbolicTensor;
  if (config.dropout > 0) {
    x = new StepDropout({ name: 'dropout', rate: config.dropout, seed }).apply(x) as SymbolicTensor;
  }
  const scores = layers.dense({ name: 'scores', units: classes.length, kernelInitializer: 'zeros' });
  return model({ inputs: image, outputs: scores.apply(x) as SymbolicTensor, name: 'vgg' });
}

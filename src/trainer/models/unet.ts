import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { ModelConfig } from '../../config/sections/model.ts';
import type { DatasetShape } from '../data/dataset.ts';
import { convolutionBlock } from './convolution-block.ts';
import { StepDropout } from './step-dropout.ts';

type UnetConfig = Extract<ModelConfig, { architecture: 'unet' }>;

/**
 * The U-Net of Ronneberger et al. 2015 with padded convolutions. Returns scores before softmax.
 * Height and width must be multiples of 2^(depth − 1).
 */
export function unet(
  config: UnetConfig,
  { height, width, channels, classes }: DatasetShape,
  seed: number,
): LayersModel {
  const block = convolutionBlock(config);
  const slice = input({ shape: [height, width, channels], name: 'slice' });
  const skips: SymbolicTensor[] = [];
  let x = slice;
  for (let level = 0; level < config.depth; level++) {
    if (level > 0) x = layers.maxPooling2d({ name: `down-${level}`, poolSize: 2 }).apply(x) as SymbolicTensor;
    x = twice(`encoder-${level}`, x, filtersAt(level));
    skips.push(x);
  }
  if (config.dropout > 0) {
    x = new StepDropout({ name: 'dropout', rate: config.dropout, seed }).apply(x) as SymbolicTensor;
  }
  for (let level = config.depth - 2; level >= 0; level--) {
    const filters = filtersAt(level);
    const up = layers
      .conv2dTranspose({ name: `up-${level}`, filters, kernelSize: 2, strides: 2, kernelInitializer: 'zeros' })
      .apply(x) as SymbolicTensor;
    const joined = layers.concatenate({ name: `join-${level}` }).apply([up, skips[level]!]) as SymbolicTensor;
    x = twice(`decoder-${level}`, joined, filters);
  }
  const scores = layers.conv2d({ name: 'scores', filters: classes.length, kernelSize: 1, kernelInitializer: 'zeros' });
  return model({ inputs: slice, outputs: scores.apply(x) as SymbolicTensor, name: 'unet' });

  function filtersAt(level: number): number {
    return config.channels * 2 ** level;
  }

  function twice(name: string, from: SymbolicTensor, filters: number): SymbolicTensor {
    return block(`${name}-2`, block(`${name}-1`, from, filters), filters);
  }
}

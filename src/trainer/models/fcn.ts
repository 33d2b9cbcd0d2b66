import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { ModelConfig } from '../../config/sections/model.ts';
import type { DatasetShape } from '../data/dataset.ts';
import { BilinearDoubling } from './bilinear-doubling.ts';
import { convolutionBlock } from './convolution-block.ts';

type FcnConfig = Extract<ModelConfig, { architecture: 'fcn' }>;

/**
 * A fully convolutional network (after Long et al. 2015) of three levels; class scores are doubled in size and added to
 * those of the next finer level. Returns scores before softmax. Height and width must be multiples of 4.
 */
export function fcn(config: FcnConfig, { height, width, channels, classes }: DatasetShape): LayersModel {
  const block = convolutionBlock(config);
  const slice = input({ shape: [height, width, channels], name: 'slice' });
  const fine = block('fine', slice, config.channels);
  const middle = block('middle', halve('middle-pool', fine), 2 * config.channels);
  const coarse = block('coarse-1', halve('coarse-pool', middle), 4 * config.channels);
  const coarsest = block('coarse-2', coarse, 4 * config.channels);
  const sum = add('middle-sum', double('coarse-up', scores('coarse', coarsest)), scores('middle', middle));
  return model({ inputs: slice, outputs: add('sum', double('middle-up', sum), scores('fine', fine)), name: 'fcn' });

  function scores(name: string, x: SymbolicTensor): SymbolicTensor {
    const filters = classes.length;
    return layers
      .conv2d({ name: `${name}-scores`, filters, kernelSize: 1, kernelInitializer: 'zeros' })
      .apply(x) as SymbolicTensor;
  }
}

function halve(name: string, x: SymbolicTensor): SymbolicTensor {
  return layers.maxPooling2d({ name, poolSize: 2, strides: 2 }).apply(x) as SymbolicTensor;
}

function double(name: string, x: SymbolicTensor): SymbolicTensor {
  return new BilinearDoubling({ name }).apply(x) as SymbolicTensor;
}

function add(name: string, a: SymbolicTensor, b: SymbolicTensor): SymbolicTensor {
  return layers.add({ name }).apply([a, b]) as SymbolicTensor;
}

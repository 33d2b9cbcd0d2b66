import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { ModelConfig } from '../../config/sections/model.ts';
import type { DatasetShape } from '../data/dataset.ts';
import { convolutionBlock } from './convolution-block.ts';
import { StepDropout } from './step-dropout.ts';

type ResnetConfig = Extract<ModelConfig, { architecture: 'resnet' }>;

/**
 * A classifier of basic residual blocks (He et al. 2016): a 3×3 stem for small images, then levels of `blocks` blocks;
 * each level after the first halves the image and doubles the channels; then the mean over all pixels and one dense
 * layer. ResNet-18's levels are channels 64, depth 4, blocks 2. Returns one score per class before softmax. Height and
 * width must be multiples of 2^(depth − 1).
 */
export function resnet(
  config: ResnetConfig,
  { height, width, channels, classes }: DatasetShape,
  seed: number,
): LayersModel {
  const convolution = convolutionBlock(config);
  const image = input({ shape: [height, width, channels], name: 'image' });
  let x = convolution('stem', image, config.channels);
  for (let level = 0; level < config.depth; level++) {
    for (let number = 1; number <= config.blocks; number++) {
      const strides = level > 0 && number === 1 ? 2 : 1;
      x = basicBlock(`level-${level}-block-${number}`, x, config.channels * 2 ** level, strides);
    }
  }
  x = layers.globalAveragePooling2d({ name: 'mean' }).apply(x) as SymbolicTensor;
  if (config.dropout > 0) {
    x = new StepDropout({ name: 'dropout', rate: config.dropout, seed }).apply(x) as SymbolicTensor;
  }
  const scores = layers.dense({ name: 'scores', units: classes.length, kernelInitializer: 'zeros' });
  return model({ inputs: image, outputs: scores.apply(x) as SymbolicTensor, name: 'resnet' });

  /** ReLU(shortcut + two convolutions); the shortcut is the input itself, or a 1×1 convolution where the shape changes. */
  function basicBlock(name: string, from: SymbolicTensor, filters: number, strides: number): SymbolicTensor {
    const first = convolution(`${name}-1`, from, filters, { strides });
    const second = convolution(`${name}-2`, first, filters, { relu: false });
    const sum = layers.add({ name: `${name}-sum` }).apply([shortcut(name, from, filters, strides), second]);
    return layers.reLU({ name: `${name}-relu` }).apply(sum) as SymbolicTensor;
  }
}

function shortcut(name: string, from: SymbolicTensor, filters: number, strides: number): SymbolicTensor {
  if (strides === 1) return from;
  const project = layers.conv2d({
    name: `${name}-project`,
    filters,
    kernelSize: 1,
    strides,
    useBias: false,
    kernelInitializer: 'zeros',
  });
  return project.apply(from) as SymbolicTensor;
}

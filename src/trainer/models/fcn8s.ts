import * as tf from '@tensorflow/tfjs-core';
import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { DatasetShape } from '../data/dataset.ts';
import { StepDropout } from './step-dropout.ts';

interface Fcn8sConfig {
  /** Channels of the first block; VGG-16 has 64. */
  channels: number;
  /** Channels of the two convolutions that replace the fully connected layers; VGG-16 has 4096. */
  classifierChannels: number;
  dropout: number;
}

/** Convolutions per block of VGG-16; the three layers of its classifier become convolutions: 16 in all (§3.4.3.1). */
const convolutions = [2, 2, 3, 3, 3];
const multiples = [1, 2, 4, 8, 8];

/**
 * FCN-8s of Long et al. 2015 on the encoder of VGG-16: scores at 1/32, 1/16 and 1/8 are added on the way up through
 * transposed convolutions. The encoder's layers are named as in Keras (`block1_conv1` …), so that ImageNet weights
 * imported into a zoo fit (`model.initFrom`). Height and width must be multiples of 32. Returns scores before softmax.
 */
export function fcn8s(
  config: Fcn8sConfig,
  { height, width, channels, classes }: DatasetShape,
  seed: number,
): LayersModel {
  const slice = input({ shape: [height, width, channels], name: 'slice' });
  const pools: SymbolicTensor[] = [];
  let x = slice;
  for (const [index, count] of convolutions.entries()) {
    for (let number = 1; number <= count; number++) {
      x = convolution(`block${index + 1}_conv${number}`, x, config.channels * multiples[index]!, 3);
    }
    x = layers.maxPooling2d({ name: `block${index + 1}_pool`, poolSize: 2 }).apply(x) as SymbolicTensor;
    pools.push(x);
  }
  x = dropped('dropout6', convolution('fc6', x, config.classifierChannels, 7));
  x = dropped('dropout7', convolution('fc7', x, config.classifierChannels, 1));
  const at16 = add('fuse_pool4', upsampled('upscore2', score('score_fr', x), 2), score('score_pool4', pools[3]!));
  const at8 = add('fuse_pool3', upsampled('upscore_pool4', at16, 2), score('score_pool3', pools[2]!));
  return model({ inputs: slice, outputs: upsampled('upscore8', at8, 8), name: 'fcn8s' });

  function convolution(name: string, from: SymbolicTensor, filters: number, kernelSize: number): SymbolicTensor {
    const layer = layers.conv2d({ name, filters, kernelSize, padding: 'same', kernelInitializer: 'zeros' });
    return layers.reLU({ name: `${name}_relu` }).apply(layer.apply(from)) as SymbolicTensor;
  }

  function score(name: string, from: SymbolicTensor): SymbolicTensor {
    const layer = layers.conv2d({ name, filters: classes.length, kernelSize: 1, kernelInitializer: 'zeros' });
    return layer.apply(from) as SymbolicTensor;
  }

  function upsampled(name: string, from: SymbolicTensor, factor: number): SymbolicTensor {
    const layer = layers.conv2dTranspose({
      name,
      filters: classes.length,
      kernelSize: 2 * factor,
      strides: factor,
      padding: 'same',
      useBias: false,
      kernelInitializer: 'zeros',
    });
    return layer.apply(from) as SymbolicTensor;
  }

  function add(name: string, a: SymbolicTensor, b: SymbolicTensor): SymbolicTensor {
    return layers.add({ name }).apply([a, b]) as SymbolicTensor;
  }

  function dropped(name: string, from: SymbolicTensor): SymbolicTensor {
    if (config.dropout === 0) return from;
    return new StepDropout({ name, rate: config.dropout, seed }).apply(from) as SymbolicTensor;
  }
}

/** Initializes the transposed convolutions with the kernel of bilinear interpolation, as Long et al. do. */
export function startBilinear(network: LayersModel): void {
  for (const weight of network.weights) {
    if (!weight.originalName.startsWith('upscore')) continue;
    const [size = 1, , classes = 1] = weight.shape as number[];
    const values = new Float32Array(size * size * classes * classes);
    const factor = size / 2;
    const tap = (index: number) => 1 - Math.abs((index + 0.5 - factor) / factor);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        for (let label = 0; label < classes; label++) {
          values[((row * size + column) * classes + label) * classes + label] = tap(row) * tap(column);
        }
      }
    }
    tf.tidy(() => {
      weight.write(tf.tensor(values, weight.shape as number[]));
    });
  }
}

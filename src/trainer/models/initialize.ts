import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { normalFrom, seededRandom } from '../random.ts';

/**
 * Draws every kernel from a normal distribution of standard deviation √(2 / fan-in) (He et al. 2015), one stream per
 * weight, so that the same seed gives the same weights on every back end. The last layer of U-Net, VGG and ResNet gets
 * 0.05, for an even start. Biases, scales and statistics keep the values they were built with.
 */
export function initialize(model: LayersModel, seed: number): void {
  for (const weight of model.weights) {
    if (!weight.originalName.endsWith('kernel')) continue;
    const shape = weight.shape as number[];
    const normal = normalFrom(seededRandom(seed, weight.originalName));
    const deviation = weight.originalName.startsWith('scores/')
      ? 0.05
      : Math.sqrt(2 / fanIn(weight.originalName, shape));
    const values = Float32Array.from({ length: weight.read().size }, () => normal() * deviation);
    tf.tidy(() => {
      weight.write(tf.tensor(values, shape));
    });
  }
}

/**
 * Number of values that reach one output. Kernels are [in, out] in dense layers, [height, width, in, out] in
 * convolutions, and [height, width, out, in] in the 2×2 up-convolution of stride 2.
 */
function fanIn(name: string, shape: number[]): number {
  const [height = 1, width = 1, third = 1, fourth = 1] = shape;
  if (shape.length === 2) return height;
  return name.startsWith('up-') ? fourth : height * width * third;
}

import * as tf from '@tensorflow/tfjs-core';
import { autopilotBackend, toTensor } from '../gradients.ts';
import { type Conv2dOptions, conv2dInfo, filterGradient, forward, inputGradient } from '../kernels/convolution.ts';
import { grain, pieces } from '../kernels/kernel.ts';
import { reduceMiddle } from '../kernels/reduction.ts';

export interface ConvBiasReluOptions {
  strides?: number | [number, number];
  pad?: 'same' | 'valid' | number;
  dilations?: number | [number, number];
  /** False for a convolution with only a bias. */
  relu?: boolean;
}

/**
 * relu(conv2d(x, filter) + bias) with one kernel forward, and one pass for the gradients of ReLU and bias together.
 * x [N, H, W, Ci], filter [KH, KW, Ci, Co], bias [Co]. On other back ends it is composed of ordinary operations.
 */
export function convBiasRelu(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor1D,
  { strides = 1, pad = 'same', dilations = 1, relu = true }: ConvBiasReluOptions = {},
): tf.Tensor4D {
  const backend = autopilotBackend();
  if (!backend) {
    const y = tf.add(tf.conv2d(x, filter, strides, pad, 'NHWC', dilations), bias) as tf.Tensor4D;
    return relu ? tf.relu(y) : y;
  }
  const options = { strides, pad, dilations, dataFormat: 'NHWC' } as Conv2dOptions;
  const info = conv2dInfo(x.shape, filter.shape, options);
  const operation = tf.customGrad((...args) => {
    const [image, kernel, offset, save] = args as unknown as [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D, tf.GradSaveFunc];
    const y = toTensor<tf.Tensor4D>(forward(backend, { x: image, filter: kernel, bias: offset }, info, relu));
    save([image, kernel, ...(relu ? [y] : [])]);
    return {
      value: y,
      gradFunc: (dy, saved) => {
        const [sx, sw, sy] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D | undefined];
        const { dz, db } = biasGradient(dy as tf.Tensor4D, sy);
        return [
          toTensor(inputGradient(backend, dz, sw, info)),
          toTensor(filterGradient(backend, sx, dz, info)),
          db,
        ] as unknown as tf.Tensor;
      },
    };
  });
  return operation(x, filter, bias) as tf.Tensor4D;
}

/** dz = y > 0 ? dy : 0 and its sum over pixels, in one pass. */
function biasGradient(dy: tf.Tensor4D, y: tf.Tensor4D | undefined): { dz: tf.Tensor4D; db: tf.Tensor1D } {
  const backend = autopilotBackend()!;
  const channels = dy.shape[3];
  const pixels = dy.size / channels;
  const block = Math.max(64, Math.ceil(grain / channels));
  const blocks = pieces(pixels, block);
  const from = [backend.address(dy), y ? backend.address(y) : 0];
  const dz = y ? backend.output(dy.shape) : undefined;
  const db = backend.output([channels]);
  backend.withMemory(blocks * channels, (sums) => {
    backend.device.run('bias_gradient', [...from, dz?.address ?? 0, sums, pixels, channels, block], blocks);
    reduceMiddle(backend, 'sum', { x: sums, out: db.address }, { outer: 1, length: blocks, inner: channels });
  });
  return { dz: dz ? toTensor(dz.info) : dy, db: toTensor(db.info) };
}

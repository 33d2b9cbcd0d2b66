import * as tf from '@tensorflow/tfjs-core';
import { AutopilotBackend } from './autopilot-backend.ts';
import { reluGradient } from './kernels/elementwise.ts';

/** The active back end, if it is an autopilot back end. */
export function autopilotBackend(): AutopilotBackend | undefined {
  const backend = tf.backend();
  return backend instanceof AutopilotBackend ? backend : undefined;
}

/** The tensor for a TensorInfo made by the active back end. */
export function toTensor<T extends tf.Tensor>(info: tf.TensorInfo): T {
  return tf.engine().makeTensorFromTensorInfo(info) as T;
}

/**
 * Replaces two gradients of TensorFlow.js for every back end: ReLU's, which then takes one pass over the output instead
 * of three over the input, and the dilated convolution's, which TensorFlow.js refuses although the kernels support it.
 * Called whenever a back end starts, since importing @tensorflow/tfjs-layers registers TensorFlow.js's own again.
 */
export function installGradients(): void {
  if (tf.getGradient('Relu') !== reluConfig) replaceGradient('Relu', reluConfig);
  const original = tf.getGradient('Conv2D');
  if (original && !ours.has(original)) replaceGradient('Conv2D', dilatedConfig(original));
}

const ours = new WeakSet<tf.GradConfig>();

const reluConfig: tf.GradConfig = {
  kernelName: 'Relu',
  inputsToSave: [],
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({
    x: () => {
      const backend = autopilotBackend();
      const g = dy as tf.Tensor;
      if (backend && g.dtype === 'float32' && y!.dtype === 'float32') return toTensor(reluGradient(backend, g, y!));
      return tf.mul(g, tf.cast(tf.step(y!), 'float32'));
    },
  }),
};

/** Conv2D's gradient, with support for dilation. */
function dilatedConfig(original: tf.GradConfig): tf.GradConfig {
  const config: tf.GradConfig = {
    ...original,
    gradFunc: (dy, saved, attrs) => {
      const { dilations, strides, pad, dataFormat, dimRoundingMode } = attrs as unknown as tf.Conv2DAttrs;
      const dilated = [dilations ?? 1].flat().some((dilation) => dilation !== 1);
      if (!dilated || !autopilotBackend() || dataFormat !== 'NHWC') return original.gradFunc(dy, saved, attrs);
      const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
      const common = { strides, pad, dataFormat, dimRoundingMode, dilations } as unknown as tf.NamedAttrMap;
      const run = (name: string, inputs: tf.NamedTensorMap, own: object) => () =>
        tf.engine().runKernel<tf.Tensor>(name, inputs, { ...common, ...own });
      return {
        x: run('Conv2DBackpropInput', { dy: dy as tf.Tensor, filter }, { inputShape: x.shape }),
        filter: run('Conv2DBackpropFilter', { x, dy: dy as tf.Tensor }, { filterShape: filter.shape }),
      };
    },
  };
  ours.add(config);
  return config;
}

function replaceGradient(kernelName: string, config: tf.GradConfig): void {
  if (tf.getGradient(kernelName)) tf.unregisterGradient(kernelName);
  tf.registerGradient(config);
}

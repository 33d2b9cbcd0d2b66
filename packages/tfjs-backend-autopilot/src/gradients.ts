import * as tf from '@tensorflow/tfjs-core';
import { AutopilotBackend } from './autopilot-backend.ts';
import { reluGradient } from './kernels/elementwise.ts';

let installed = false;

/** The active back end when it is one of ours. */
export function autopilotBackend(): AutopilotBackend | undefined {
  const backend = tf.backend();
  return backend instanceof AutopilotBackend ? backend : undefined;
}

/** The tensor of a TensorInfo made by the active back end. */
export function toTensor<T extends tf.Tensor>(info: tf.TensorInfo): T {
  return tf.engine().makeTensorFromTensorInfo(info) as T;
}

/**
 * Replaces two gradients of TensorFlow.js for every back end: ReLU's, which takes one pass over its output rather than three over its
 * input, and the dilated convolution's, which TensorFlow.js refuses although the kernels can.
 */
export function installGradients(): void {
  if (installed) return;
  installed = true;
  replaceGradient('Relu', {
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
  });
  const original = tf.getGradient('Conv2D');
  if (!original) return;
  replaceGradient('Conv2D', {
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
  });
}

function replaceGradient(kernelName: string, config: tf.GradConfig): void {
  if (tf.getGradient(kernelName)) tf.unregisterGradient(kernelName);
  tf.registerGradient(config);
}

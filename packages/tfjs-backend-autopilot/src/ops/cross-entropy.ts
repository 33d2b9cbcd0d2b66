import * as tf from '@tensorflow/tfjs-core';
import { autopilotBackend, toTensor } from '../gradients.ts';
import { pieces } from '../kernels/kernel.ts';
import { rowsOfItem } from '../kernels/softmax.ts';

/**
 * Mean over all rows of -sum_c label_c log softmax(logits)_c. logits and labels [..., classes]; labels are one-hot or
 * soft. Loss and gradient come from one pass over the logits.
 */
export function softmaxCrossEntropy(labels: tf.Tensor, logits: tf.Tensor): tf.Scalar {
  const classes = logits.shape.at(-1)!;
  const backend = autopilotBackend();
  if (!backend) {
    const rows = tf.sum(tf.mul(labels, tf.logSoftmax(logits)), -1);
    return tf.neg(tf.mean(rows)) as tf.Scalar;
  }
  const rows = logits.size / classes;
  const target = labels.dtype === 'float32' ? labels : tf.cast(labels, 'float32');
  const operation = tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const at = [backend.address(x), backend.address(target)];
    const gradient = backend.output(x.shape);
    const losses = backend.output([rows]);
    const chunk = rowsOfItem(classes);
    const out = [losses.address, gradient.address];
    backend.device.run('cross_entropy', [...at, ...out, rows, classes, chunk, 0], pieces(rows, chunk));
    const loss = toTensor<tf.Tensor1D>(losses.info);
    const value = tf.mean(loss) as tf.Scalar;
    save([toTensor(gradient.info)]);
    return {
      value,
      gradFunc: (dy, saved) => tf.mul(saved[0]!, tf.div(dy as tf.Scalar, rows)),
    };
  });
  return operation(logits) as tf.Scalar;
}

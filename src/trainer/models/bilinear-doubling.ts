import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';

/**
 * Doubles height and width by bilinear interpolation with half-pixel centres (PyTorch's `align_corners=False`).
 * Two products with constant matrices, because the gradient of tfjs's `resizeBilinear` ignores half-pixel centres.
 */
export class BilinearDoubling extends layers.Layer {
  static readonly className = 'BilinearDoubling';

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [count, height, width, channels] = inputShape as Shape;
    return [count!, double(height!), double(width!), channels!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    return tf.tidy(() => {
      const [count, height, width, channels] = x.shape;
      // Rank 3 with one matrix, because back ends compute BatchMatMul at rank 3.
      const rows = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [1, count * channels * height, width]);
      const wide = tf.reshape(tf.matMul(rows, doublingMatrix(width)), [count * channels, height, 2 * width]);
      const columns = tf.reshape(tf.transpose(wide, [0, 2, 1]), [1, count * channels * 2 * width, height]);
      const both = tf.reshape(tf.matMul(columns, doublingMatrix(height)), [count, channels, 2 * width, 2 * height]);
      return tf.transpose(both, [0, 3, 2, 1]);
    });
  }
}
tf.serialization.registerClass(BilinearDoubling);

function double(size: number | null): number | null {
  return size === null ? null : 2 * size;
}

/** [1, size, 2·size]: output 2i is ¾ x[i] + ¼ x[i−1], output 2i+1 is ¾ x[i] + ¼ x[i+1]; the border repeats. */
function doublingMatrix(size: number): tf.Tensor3D {
  const values = new Float32Array(size * 2 * size);
  const add = (from: number, to: number, weight: number) => {
    const inside = Math.min(size - 1, Math.max(0, from));
    values[inside * 2 * size + to] = values[inside * 2 * size + to]! + weight;
  };
  for (let index = 0; index < size; index++) {
    add(index, 2 * index, 0.75);
    add(index - 1, 2 * index, 0.25);
    add(index, 2 * index + 1, 0.75);
    add(index + 1, 2 * index + 1, 0.25);
  }
  return tf.tensor3d(values, [1, size, 2 * size]);
}

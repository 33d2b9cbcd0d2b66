import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

type Weight = LayersModel['trainableWeights'][number];

/**
 * Runs a forward and a backward pass in which every weight is read through an identity. Its gradient function is called
 * as soon as the weight's whole gradient is known, long before the pass ends; `use` must not change the gradient.
 */
export function gradientsAsTheyCome<Result>(
  weights: readonly Weight[],
  { use, pass }: { use(index: number, gradient: tf.Tensor): void; pass(): Result },
): Result {
  for (const [index, weight] of weights.entries()) {
    const variable = weight.read();
    const watched = tf.customGrad((x) => ({
      value: tf.clone(x as tf.Tensor),
      gradFunc: (gradient: tf.Tensor) => {
        use(index, gradient);
        return tf.clone(gradient);
      },
    }));
    let seen: tf.Tensor | null = null;
    // Once per pass: a weight that several layers share has one gradient, the sum of theirs.
    weight.read = () => {
      seen ??= watched(variable);
      return seen;
    };
  }
  try {
    return pass();
  } finally {
    // Uncovers the prototype's method again.
    for (const weight of weights) Reflect.deleteProperty(weight, 'read');
  }
}

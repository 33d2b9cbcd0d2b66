import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

type Weight = LayersModel['trainableWeights'][number];

/**
 * Runs a forward and a backward pass in which every weight is read through an identity. Its gradient function is called
 * as soon as the backward pass has the weight's whole gradient, long before the pass is over; `use` may only look.
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
    // Once per pass: what several layers share has one gradient, their sum.
    weight.read = () => {
      seen ??= watched(variable);
      return seen;
    };
  }
  try {
    return pass();
  } finally {
    // The prototype's method again.
    for (const weight of weights) Reflect.deleteProperty(weight, 'read');
  }
}

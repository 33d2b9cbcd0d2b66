import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type Shape } from '@tensorflow/tfjs-layers';

export interface GroupNormalizationOptions {
  name?: string;
  /** Groups of consecutive channels; must divide the channels. */
  groups: number;
  epsilon?: number;
}

/**
 * y = γ · (x − μ) / √(σ² + ε) + β with mean and variance over each sample's pixels and each group's channels
 * (Wu and He 2018). Groups equal to the channels is instance normalization. Samples never mix, so a batch of k·b
 * slices is exactly k workers of b.
 */
export class GroupNormalization extends layers.Layer {
  static readonly className = 'GroupNormalization';
  private readonly groups: number;
  private readonly epsilon: number;
  private gamma!: ReturnType<layers.Layer['addWeight']>;
  private beta!: ReturnType<layers.Layer['addWeight']>;

  constructor({ groups, epsilon = 1e-5, ...rest }: GroupNormalizationOptions) {
    super(rest);
    this.groups = groups;
    this.epsilon = epsilon;
  }

  override build(inputShape: Shape | Shape[]): void {
    const channels = (inputShape as Shape).at(-1)!;
    this.gamma = this.addWeight('gamma', [channels], 'float32', initializers.ones());
    this.beta = this.addWeight('beta', [channels], 'float32', initializers.zeros());
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    return groupNormalize({
      x,
      gamma: this.gamma.read() as tf.Tensor1D,
      beta: this.beta.read() as tf.Tensor1D,
      groups: this.groups,
      epsilon: this.epsilon,
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), groups: this.groups, epsilon: this.epsilon };
  }
}
tf.serialization.registerClass(GroupNormalization);

interface GroupNormalizeInputs {
  x: tf.Tensor4D;
  gamma: tf.Tensor1D;
  beta: tf.Tensor1D;
  groups: number;
  epsilon: number;
}

function groupNormalize({ x, gamma, beta, groups, epsilon }: GroupNormalizeInputs): tf.Tensor4D {
  return tf.tidy(() => {
    const [count, height, width, channels] = x.shape;
    const grouped = tf.reshape(x, [count, height * width, groups, channels / groups]);
    const centred = tf.sub(grouped, tf.mean(grouped, [1, 3], true));
    const variance = tf.mean(tf.square(centred), [1, 3], true);
    const normalized = tf.reshape(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), x.shape);
    return tf.add(tf.mul(normalized, gamma), beta);
  });
}

import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type Shape } from '@tensorflow/tfjs-layers';
import { groupNorm } from '../../../packages/tfjs-backend-autopilot/src/index.ts';

export interface GroupNormalizationOptions {
  name?: string;
  /** Number of groups of consecutive channels; must divide the number of channels. */
  groups: number;
  epsilon?: number;
  /** Applies max(0, ·) to the result, in the same pass. */
  relu?: boolean;
}

/**
 * y = γ · (x − μ) / √(σ² + ε) + β with mean and variance over each sample's pixels and each group's channels
 * (Wu and He 2018). With one group per channel it is instance normalization. Samples never mix, so a batch of k·b
 * slices is exactly k workers of b.
 */
export class GroupNormalization extends layers.Layer {
  static readonly className = 'GroupNormalization';
  private readonly groups: number;
  private readonly epsilon: number;
  private readonly relu: boolean;
  private gamma!: ReturnType<layers.Layer['addWeight']>;
  private beta!: ReturnType<layers.Layer['addWeight']>;

  constructor({ groups, epsilon = 1e-5, relu = false, ...rest }: GroupNormalizationOptions) {
    super(rest);
    this.groups = groups;
    this.epsilon = epsilon;
    this.relu = relu;
  }

  override build(inputShape: Shape | Shape[]): void {
    const channels = (inputShape as Shape).at(-1)!;
    this.gamma = this.addWeight('gamma', [channels], 'float32', initializers.ones());
    this.beta = this.addWeight('beta', [channels], 'float32', initializers.zeros());
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    const [gamma, beta] = [this.gamma.read() as tf.Tensor1D, this.beta.read() as tf.Tensor1D];
    return groupNorm(x, gamma, beta, this.groups, { eps: this.epsilon, relu: this.relu });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), groups: this.groups, epsilon: this.epsilon, relu: this.relu };
  }
}
tf.serialization.registerClass(GroupNormalization);

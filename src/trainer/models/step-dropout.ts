import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

/** Dropout whose mask follows from a seed and the training step, so that a resumed run draws the same masks. */
export class StepDropout extends layers.Layer {
  static readonly className = 'StepDropout';
  private readonly rate: number;
  private readonly seed: number;
  /** Set by the training loop before each step. */
  step = 0;

  constructor({ rate, seed, ...rest }: { name?: string; rate: number; seed: number }) {
    super(rest);
    this.rate = rate;
    this.seed = seed;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    if (kwargs.training !== true) return x;
    return tf.dropout(x, this.rate, undefined, `${this.seed}/${this.name}/${this.step}`);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate, seed: this.seed };
  }
}
tf.serialization.registerClass(StepDropout);

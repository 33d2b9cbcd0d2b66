import type * as tf from '@tensorflow/tfjs-core';

export interface UpdateInputs {
  weight: tf.Tensor;
  gradient: tf.Tensor;
  /** One tensor of the weight's shape per slot; zeros before the first step. */
  state: tf.Tensor[];
  /** The schedule's rate of this step. */
  rate: number;
  /** 1-based. */
  step: number;
}

/** One optimizer: pure, applied to one weight at a time; `update` is called within a tidy. */
export interface UpdateRule {
  name: string;
  /** What it remembers about each weight. */
  slots: readonly string[];
  update(inputs: UpdateInputs): { weight: tf.Tensor; state: tf.Tensor[] };
}

import type * as tf from '@tensorflow/tfjs-core';

export interface UpdateInputs {
  weight: tf.Tensor;
  gradient: tf.Tensor;
  /** One tensor of the weight's shape per slot; zeros before the first step. */
  state: tf.Tensor[];
  /** The schedule's rate for this step. */
  rate: number;
  /** 1-based. */
  step: number;
}

export interface InPlaceInputs extends UpdateInputs {
  weight: tf.Variable;
  state: tf.Variable[];
}

interface Rule {
  name: string;
  /** Names of the state tensors kept for each weight. */
  slots: readonly string[];
}

/** Returns the new weight and its new state; `update` is called within a tidy. */
export interface PureRule extends Rule {
  update(inputs: UpdateInputs): { weight: tf.Tensor; state: tf.Tensor[] };
}

/** Updates the weight and its state in place, for kernels that do it in one pass. */
export interface InPlaceRule extends Rule {
  updateInPlace(inputs: InPlaceInputs): void;
}

/** One optimizer, applied to one weight at a time. */
export type UpdateRule = PureRule | InPlaceRule;

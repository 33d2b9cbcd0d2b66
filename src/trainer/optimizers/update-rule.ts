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

export interface InPlaceInputs extends UpdateInputs {
  weight: tf.Variable;
  state: tf.Variable[];
}

interface Rule {
  name: string;
  /** What it remembers about each weight. */
  slots: readonly string[];
}

/** Gives the new weight and its new memory; `update` is called within a tidy. */
export interface PureRule extends Rule {
  update(inputs: UpdateInputs): { weight: tf.Tensor; state: tf.Tensor[] };
}

/** Writes into the weight and its memory: for kernels that do it in one pass. */
export interface InPlaceRule extends Rule {
  updateInPlace(inputs: InPlaceInputs): void;
}

/** One optimizer, applied to one weight at a time. */
export type UpdateRule = PureRule | InPlaceRule;

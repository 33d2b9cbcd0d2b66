import * as tf from '@tensorflow/tfjs-core';
import { squaredNorm } from '../domain/noise-scale.ts';

export interface FlatLayoutOptions {
  trainable: readonly tf.Tensor[];
  statistics: readonly tf.Tensor[];
  /** Whether the gradient's squared norm is sent along. */
  withSquares: boolean;
}

export type FlatLayout = ReturnType<typeof flatLayout>;

/**
 * The layout of the one array that a step exchanges: the gradient's squared norm if wanted, the gradients, the
 * statistics of batch normalization, the loss, and the stop request. A backward pass fills the array from its end; the
 * norm is in front because it is known last.
 */
export function flatLayout({ trainable, statistics, withSquares }: FlatLayoutOptions) {
  const sizes = [...trainable, ...statistics].map(({ size }) => size);
  const starts: number[] = [];
  const first = withSquares ? 1 : 0;
  const length = first + sizes.reduce((sum, size) => sum + size, 0) + 2;
  /** The trainable weights' indices in the order of the array. */
  let order = trainable.map((_, index) => index);

  function layOut(next: readonly number[]): void {
    order = [...next];
    let from = first;
    for (const index of [...order, ...statistics.map((_, index) => trainable.length + index)]) {
      starts[index] = from;
      from += sizes[index]!;
    }
  }
  layOut(order);

  /** Sums weight by weight in model order, whatever the layout, so that every strategy gives the same bits. */
  function squaresOf(flat: Float32Array): number {
    return trainable.reduce((sum, { size }, index) => {
      const start = starts[index]!;
      return sum + squaredNorm(flat, start, start + size);
    }, 0);
  }

  return {
    /** Number of values in the array. */
    length,
    withSquares,
    lossAt: length - 2,
    stopAt: length - 1,
    /** Changes the order of the gradients: the indices of the trainable weights, from front to back. */
    layOut,
    /** The index of the trainable weight at a place in the order. */
    weightAt: (place: number): number => order[place]!,
    /** Where a weight's values begin; `index` counts the trainable weights first, then the statistics. */
    startOf: (index: number): number => starts[index]!,
    /** Reads a weight's values from the array. */
    read({ size, shape }: tf.Tensor, flat: Float32Array, index: number): tf.Tensor {
      return tf.tensor(flat.slice(starts[index]!, starts[index]! + size), shape);
    },
    /** Puts the gradient's squared norm in front, if it is sent along. `squares`: each weight's, in model order. */
    addSquares(flat: Float32Array, squares: readonly number[]): void {
      if (withSquares) flat[0] = squares.reduce((sum, value) => sum + value, 0);
    },
    /** The squares that give the gradient noise, from a mean over the workers; null if no norm was sent. */
    squares: (mean: Float32Array) => (withSquares ? { workers: mean[0]!, mean: squaresOf(mean) } : null),
  };
}

import * as tf from '@tensorflow/tfjs-core';
import { squaredNorm } from '../domain/noise-scale.ts';

export interface FlatLayoutOptions {
  trainable: readonly tf.Tensor[];
  statistics: readonly tf.Tensor[];
  /** Whether a gradient's squared norm travels along. */
  withSquares: boolean;
}

export type FlatLayout = ReturnType<typeof flatLayout>;

/**
 * Where a step's values lie in the one array that travels: where it is wanted the gradient's squared norm, then the
 * gradients, then the statistics of batch normalization, then the loss, then the wish to stop. The norm is in front, the
 * last part that a backward pass fills, because it is not known before.
 */
export function flatLayout({ trainable, statistics, withSquares }: FlatLayoutOptions) {
  const sizes = [...trainable, ...statistics].map(({ size }) => size);
  const starts: number[] = [];
  const first = withSquares ? 1 : 0;
  const length = first + sizes.reduce((sum, size) => sum + size, 0) + 2;
  /** Which trainable weight lies where. */
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

  /** Of each weight by itself, in their order, wherever they lie, so that every strategy has the same bits. */
  function squaresOf(flat: Float32Array): number {
    return trainable.reduce((sum, { size }, index) => {
      const start = starts[index]!;
      return sum + squaredNorm(flat, start, start + size);
    }, 0);
  }

  return {
    /** Values of the array. */
    length,
    withSquares,
    lossAt: length - 2,
    stopAt: length - 1,
    /** Lays the gradients out anew: indices of trainable weights, the one in front first. */
    layOut,
    /** The trainable weight that lies at this place. */
    weightAt: (place: number): number => order[place]!,
    /** Where a weight's values begin: the trainable ones come first, then the statistics. */
    startOf: (index: number): number => starts[index]!,
    /** A weight's values out of the array. */
    read({ size, shape }: tf.Tensor, flat: Float32Array, index: number): tf.Tensor {
      return tf.tensor(flat.slice(starts[index]!, starts[index]! + size), shape);
    },
    /** Puts the gradient's squared norm in front, where it travels along: `squares` has each weight's, in their order. */
    addSquares(flat: Float32Array, squares: readonly number[]): void {
      if (withSquares) flat[0] = squares.reduce((sum, value) => sum + value, 0);
    },
    /** What a mean over the workers shows of the gradient noise; null where no norm travelled. */
    squares: (mean: Float32Array) => (withSquares ? { workers: mean[0]!, mean: squaresOf(mean) } : null),
  };
}

import * as tf from '@tensorflow/tfjs-core';

/**
 * What travels in a step, as one array: the gradients, then the statistics of batch normalization (each worker's own,
 * whose mean everyone keeps), then the loss, then the wish to stop.
 */
export function flatGradient(trainable: readonly tf.Tensor[], statistics: readonly tf.Tensor[]) {
  const tensors = [...trainable, ...statistics];
  const length = tensors.reduce((sum, { size }) => sum + size, 0) + 2;
  const [lossAt, stopAt] = [length - 2, length - 1];
  const starts: number[] = [];
  let order: readonly number[] = [];

  function layOut(next: readonly number[]): void {
    order = next;
    let from = 0;
    for (const index of [...order, ...statistics.map((_, index) => trainable.length + index)]) {
      starts[index] = from;
      from += tensors[index]!.size;
    }
  }
  layOut(trainable.map((_, index) => index));

  const startOf = (index: number): number => starts[index]!;
  const part = (flat: Float32Array, index: number): tf.Tensor => {
    const { size, shape } = tensors[index]!;
    return tf.tensor(flat.slice(startOf(index), startOf(index) + size), shape);
  };
  return {
    length,
    /** Which trainable weights lie where: the one whose gradient comes last in front. */
    order: () => order,
    layOut,
    /** Where the gradient of a trainable weight begins. */
    startOf,
    setGradient: (flat: Float32Array, index: number, values: Float32Array) => flat.set(values, startOf(index)),
    setStatistic: (flat: Float32Array, index: number, values: Float32Array) =>
      flat.set(values, startOf(trainable.length + index)),
    setEnd(flat: Float32Array, { loss, stop }: { loss: number; stop: boolean }): void {
      flat[lossAt] = loss;
      flat[stopAt] = stop ? 1 : 0;
    },
    gradients: (flat: Float32Array) => trainable.map((_, index) => part(flat, index)),
    statistic: (flat: Float32Array, index: number) => part(flat, trainable.length + index),
    end: (flat: Float32Array) => ({ loss: flat[lossAt]!, stop: flat[stopAt]! > 0 }),
  };
}

export type FlatGradient = ReturnType<typeof flatGradient>;

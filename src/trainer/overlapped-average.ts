import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { squaredNorm } from '../domain/noise-scale.ts';
import type { Differentiate } from './differentiation.ts';
import type { FlatLayout } from './flat-layout.ts';
import { gradientsAsTheyCome } from './gradients-as-they-come.ts';
import type { DistributionStrategy, GradientBeingFilled } from './strategy/strategy.ts';

export interface OverlappedAverageOptions {
  weights: LayersModel['trainableWeights'];
  statistics: readonly tf.Variable[];
  strategy: DistributionStrategy & { averageWhileFilled(flat: Float32Array): GradientBeingFilled };
  layout: FlatLayout;
  differentiate: Differentiate;
}

/** Averages the workers' gradients, sending the end of the array while the backward pass still computes its start. */
export function overlappedAverage(options: OverlappedAverageOptions) {
  const { weights, statistics, strategy, layout, differentiate } = options;
  /** This process's gradient, filled anew in every step. */
  const flat = new Float32Array(layout.length);
  /** The weights in the order in which the backward pass reached them; the last of them belongs in front. */
  let came: number[] | null = null;
  let orderKnown = false;

  function average(step: number, stopWanted: boolean): Promise<Float32Array> {
    const { finalFrom, mean } = strategy.averageWhileFilled(flat);
    const filled = new Set<number>();
    // Squared as they come, because what has been sent may already hold the mean.
    const squares: number[] = [];
    let first = weights.length;
    const use = (index: number, gradient: tf.Tensor) => {
      const values = gradient.dataSync<'float32'>();
      flat.set(values, layout.startOf(index));
      if (layout.withSquares) squares[index] = squaredNorm(values);
      filled.add(index);
      while (first > 0 && filled.has(layout.weightAt(first - 1))) first--;
      if (first < weights.length) finalFrom(layout.startOf(layout.weightAt(first)));
    };
    const fillRest = (lost: tf.Scalar) => {
      for (const [index, variable] of statistics.entries()) {
        flat.set(variable.dataSync<'float32'>(), layout.startOf(weights.length + index));
      }
      flat[layout.lossAt] = lost.dataSync<'float32'>()[0]!;
      flat[layout.stopAt] = stopWanted ? 1 : 0;
    };
    const pass = () => differentiate(step, strategy.batches[0]!, fillRest);
    const { value, gradients } = gradientsAsTheyCome(weights, { use, pass });
    // A layer may have kept the weight instead of reading it.
    for (const [index, gradient] of gradients.entries()) if (!filled.has(index)) use(index, gradient);
    for (const tensor of [value, ...gradients]) tensor.dispose();
    layout.addSquares(flat, squares);
    came = [...filled];
    return mean();
  }

  /** After a step's mean has been read: all processes adopt process 0's order, because sums need one common layout. */
  async function agreeOnOrder(): Promise<void> {
    if (orderKnown || came === null) return;
    const order = Float32Array.from(came.reverse());
    await strategy.broadcast(order);
    layout.layOut([...order]);
    orderKnown = true;
  }

  return { average, agreeOnOrder };
}

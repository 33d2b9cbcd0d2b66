import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type BackwardPass, type BackwardPassOptions, backwardPass } from './backward-pass.ts';
import { type FlatGradient, flatGradient } from './flat-gradient.ts';
import { gradientsAsTheyCome } from './gradients-as-they-come.ts';
import type { DistributionStrategy } from './strategy/strategy.ts';

export interface StepGradients {
  /** Mean over all workers, one per trainable weight. The caller disposes of them. */
  gradients: tf.Tensor[];
  /** Mean over all workers. */
  loss: number;
  /** Some process wants to stop: the same answer on all. */
  stop: boolean;
}

/** What a step is computed with. */
interface Parts {
  weights: LayersModel['trainableWeights'];
  /** Of batch normalization. */
  statistics: tf.Variable[];
  strategy: DistributionStrategy;
  backward: BackwardPass;
  layout: FlatGradient;
}

interface Step {
  step: number;
  /** Does this process want to stop? */
  stop: boolean;
}

/** Values from which sending early gains more than watching the backward pass costs: two buckets of a megabyte. */
const overlapFrom = 524_288;

/** Computes the mean gradient of one step over all workers. */
export function gradientStep(options: BackwardPassOptions & { strategy: DistributionStrategy }) {
  const { model, strategy } = options;
  const variables = (weights: LayersModel['weights']) => weights.map((weight) => weight.read() as tf.Variable);
  const statistics = variables(model.nonTrainableWeights);
  const layout = flatGradient(variables(model.trainableWeights), statistics);
  const backward = backwardPass(options);
  const parts: Parts = { weights: model.trainableWeights, statistics, strategy, backward, layout };
  // WebGPU can only be read with an await.
  const canReadAtOnce = tf.getBackend() !== 'webgpu';
  const overlapped =
    !strategy.alone && strategy.averageWhileFilled !== undefined && canReadAtOnce && layout.length >= overlapFrom;
  /** Filled anew in every step. */
  const own = overlapped ? new Float32Array(layout.length) : null;
  let orderKnown = false;

  async function average(step: Step): Promise<StepGradients> {
    const averaging = own === null ? null : averageWhileComputed(parts, step, own);
    const mean = await (averaging === null ? averageOfBatches(parts, step) : averaging.mean);
    const gradients = layout.gradients(mean);
    tf.tidy(() => {
      for (const [index, variable] of statistics.entries()) variable.assign(layout.statistic(mean, index));
    });
    if (averaging !== null && !orderKnown) {
      // Process 0's order, because one layout on every process is what the sums rest on.
      const order = Float32Array.from(averaging.came.reverse());
      await strategy.broadcast(order);
      layout.layOut([...order]);
      orderKnown = true;
    }
    return { gradients, ...layout.end(mean) };
  }

  return {
    computeGradients: (step: number, stop: boolean): Promise<StepGradients> =>
      strategy.alone ? computeAlone(parts, { step, stop }) : average({ step, stop }),
    dispose: backward.dispose,
  };
}

/** The only gradient is the mean: it stays on the device. */
async function computeAlone({ backward, strategy }: Parts, { step, stop }: Step): Promise<StepGradients> {
  const { value, gradients } = backward.compute(step, strategy.batches[0]!);
  const [loss] = await value.data<'float32'>();
  value.dispose();
  return { gradients, loss: loss!, stop };
}

/**
 * Sends the gradient's end while its start is being computed. The way back fills `flat` from its end, once a first step
 * has found out in which order the gradients come.
 */
function averageWhileComputed(
  { weights, statistics, strategy, backward, layout }: Parts,
  step: Step,
  flat: Float32Array,
) {
  const { finalFrom, mean } = strategy.averageWhileFilled!(flat);
  const filled = new Set<number>();
  const order = layout.order();
  let first = order.length;
  const fill = (index: number, gradient: tf.Tensor) => {
    layout.setGradient(flat, index, gradient.dataSync<'float32'>());
    filled.add(index);
    while (first > 0 && filled.has(order[first - 1]!)) first--;
    if (first < order.length) finalFrom(layout.startOf(order[first]!));
  };
  const fillTheRest = (loss: tf.Scalar) => {
    statistics.forEach((variable, index) => {
      layout.setStatistic(flat, index, variable.dataSync<'float32'>());
    });
    layout.setEnd(flat, { loss: loss.dataSync<'float32'>()[0]!, stop: step.stop });
  };
  const { value, gradients } = gradientsAsTheyCome(weights, {
    use: fill,
    pass: () => backward.compute(step.step, strategy.batches[0]!, fillTheRest),
  });
  // A layer may have kept the weight instead of reading it.
  for (const [index, gradient] of gradients.entries()) if (!filled.has(index)) fill(index, gradient);
  tf.dispose([value, ...gradients]);
  return { mean: mean(), came: [...filled] };
}

/** Computes one gradient after the other, each from the statistics that the step began with. */
async function averageOfBatches(parts: Parts, step: Step): Promise<Float32Array> {
  const { statistics, strategy } = parts;
  const before = statistics.map((variable) => tf.clone(variable));
  const flats: Float32Array[] = [];
  for (const ranks of strategy.batches) {
    statistics.forEach((variable, index) => {
      variable.assign(before[index]!);
    });
    flats.push(await flatten(parts, step, ranks));
  }
  tf.dispose(before);
  return strategy.averageGradients(flats);
}

async function flatten(
  { backward, statistics, layout }: Parts,
  { step, stop }: Step,
  ranks: readonly number[],
): Promise<Float32Array> {
  const { value, gradients } = backward.compute(step, ranks);
  const flat = new Float32Array(layout.length);
  for (const [index, tensor] of gradients.entries()) layout.setGradient(flat, index, await tensor.data<'float32'>());
  for (const [index, tensor] of statistics.entries()) layout.setStatistic(flat, index, await tensor.data<'float32'>());
  layout.setEnd(flat, { loss: (await value.data<'float32'>())[0]!, stop });
  tf.dispose([value, ...gradients]);
  return flat;
}

import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { replayed } from '../../packages/tfjs-backend-autopilot/src/index.ts';
import type { Schedule } from '../../schedules/schedule.ts';
import { type DivergenceOptions, notFinite, nothingWatched, watchEpoch } from '../domain/divergence.ts';
import type { Measured } from '../domain/measured.ts';
import type { ClassMetrics, Metrics, PartResult } from '../domain/metric/metrics.ts';
import { noiseOfSteps } from '../domain/noise-scale.ts';
import type { AugmentOptions } from '../imgmed/augment.ts';
import { batchSampler } from './batches.ts';
import type { Checkpoint, TrainingProgress } from './checkpoint-file.ts';
import type { OpenMetric } from './components/metric.ts';
import type { Dataset, Split } from './data/dataset.ts';
import { gradientStep } from './gradient-step.ts';
import type { Loss } from './losses.ts';
import { optimizerFor } from './optimizers/optimizer.ts';
import type { UpdateRule } from './optimizers/update-rule.ts';
import { evaluateSplit, type Scores, scoresOf } from './predict.ts';
import type { DistributionStrategy } from './strategy/strategy.ts';
import { trainingState } from './training-state.ts';
import { trivialMetrics } from './trivial-metrics.ts';

/** What is trained, and with what; a `ComposedTraining` has these parts. */
export interface TrainedParts {
  model: LayersModel;
  dataset: Dataset;
  strategy: DistributionStrategy;
  optimizer: UpdateRule;
  loss: Loss;
  /** Besides the task's own. */
  metrics?: readonly OpenMetric[];
  /**
   * Whether model and loss depend on slices and weights alone, as the trainer's own do: their kernels are then recorded
   * and replayed, with the same bits and in less time.
   */
  replay?: boolean;
}

/** How it is trained. */
export interface TrainingPlan {
  schedule: Schedule;
  batchPerWorker: number;
  epochs: number;
  seed: number;
  /** Random changes of the training slices, drawn anew each epoch. */
  augmentation?: AugmentOptions | undefined;
  /**
   * Parts of the data to evaluate, as far as the data set has them, or `test` if it has none of them: the first after
   * every epoch, all of them at the end. Left out: `test`.
   */
  evaluate?: readonly string[] | undefined;
  divergence: Omit<DivergenceOptions, 'epochs'>;
}

export interface Checkpoints {
  everyEpochs: number;
  /** The checkpoint to resume from; null starts afresh. */
  resumeFrom: Checkpoint | null;
  /** Must equal that of a checkpoint for it to be resumed. */
  fingerprint: string;
}

export interface TrainOptions {
  parts: TrainedParts;
  plan: TrainingPlan;
  /** Left out: one at the end, and training starts at the beginning. */
  checkpoints?: Checkpoints;
  /** Called in every step on every process; a single true ends the training before the next step. Left out: never. */
  stopWanted?: () => boolean;
  listener: TrainListener;
}

export interface TrainListener {
  step?(step: number): void;
  /** Awaited, as is `checkpoint`. */
  epoch?(result: EpochResult): unknown;
  checkpoint?(checkpoint: Checkpoint): unknown;
}

export interface EpochResult {
  /** 1-based: the epoch that just ended. */
  epoch: number;
  /** The rate of its last step. */
  lr: number;
  /** Mean over the epoch's steps and all workers. */
  loss: number;
  /** Of the first evaluated part. */
  metrics: Metrics;
  /** The same metrics by class. */
  classes: ClassMetrics | undefined;
  /** Steps done since the start of training. */
  step: number;
  seconds: number;
  /**
   * What the trainer did in this epoch, as its steps counted it; without rates, steps and gradient noise for an epoch
   * that an earlier attempt began.
   */
  measured: Measured;
}

export type TrainOutcome =
  | {
      state: 'finished';
      steps: number;
      /** Of the first part. */
      metrics: Metrics;
      /** Of every part, in the order asked for. */
      evaluations: Required<PartResult>[];
    }
  | { state: 'diverged'; epoch: number; reason: string; metrics: Metrics | null }
  | { state: 'stopped'; step: number };

/** Synchronous data-parallel training: the same on every process, bit for bit, for the same seed and back end. */
export async function train(options: TrainOptions): Promise<TrainOutcome> {
  const { parts, plan, stopWanted = () => false, listener } = options;
  const { model, dataset, strategy, loss, replay = false } = parts;
  const { epochs, seed, batchPerWorker, schedule } = plan;
  const { checkpoints = { everyEpochs: epochs, resumeFrom: null, fingerprint: '' } } = options;
  const { train: trainSplit } = dataset.splits;
  const [chosen, ...others] = partsOf(dataset, plan.evaluate);
  // Before training, so that a metric that cannot judge a constant prediction fails at once and not at the end.
  const floors = [chosen, ...others].map(({ split }) => trivialMetrics(dataset, split, parts.metrics));
  const sampler = batchSampler({ slices: trainSplit.count, workers: strategy.workers, batchPerWorker, seed });
  const { stepsPerEpoch } = sampler;
  const trainable = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const optimizer = optimizerFor(parts.optimizer, trainable);
  const state = trainingState({ model, optimizer: optimizer.state, fingerprint: checkpoints.fingerprint });
  const augmentation = plan.augmentation && { options: plan.augmentation, seed };
  const { computeGradients, dispose } = gradientStep({ model, dataset, loss, strategy, sampler, augmentation, replay });
  const course: Course = {
    step: 0,
    stop: false,
    progress: { shuffle: { seed, epoch: 0 }, lossSum: 0, divergence: nothingWatched },
  };
  const divergence = { ...plan.divergence, epochs };
  let evaluated: Omit<Required<PartResult>, 'trivial'> | null = null;
  const forward = scoresOf(model);
  const replayedForward = replay ? replayed(([slices]) => [forward(slices as tf.Tensor4D)]) : null;
  const scores: Scores = replayedForward === null ? forward : (slices) => replayedForward([slices])[0]!;
  const evaluatePart = async ({ name, split }: Part) => ({
    split: name,
    ...(await evaluateSplit(scores, dataset, split, strategy, parts.metrics)),
  });
  const evaluate = () => evaluatePart(chosen);

  const { resumeFrom } = checkpoints;
  if (resumeFrom !== null) {
    course.progress = structuredClone(resumeFrom.progress);
    course.step = resumeFrom.step;
    state.restore(resumeFrom);
  }
  await state.synchronize(strategy);
  const save = async () => listener.checkpoint?.(await state.capture(course.step, course.progress));

  const stepping = { strategy, schedule, listener, stopWanted, sampler, optimizer, computeGradients };

  try {
    while (course.step < epochs * stepsPerEpoch) {
      const { progress } = course;
      const epoch = Math.floor(course.step / stepsPerEpoch) + 1;
      progress.shuffle = { seed, epoch: epoch - 1 };
      const startedMs = performance.now();
      const done = await stepsOfEpoch(course, stepping);
      if (done.state === 'stopped') {
        await save();
        return { state: 'stopped', step: course.step };
      }
      if (done.state === 'diverged') return { ...done, epoch, metrics: evaluated?.metrics ?? null };
      const { lr, measured } = done;
      evaluated = await evaluate();
      const { metrics, classes } = evaluated;
      const meanLoss = progress.lossSum / stepsPerEpoch;
      progress.lossSum = 0;
      const seconds = (performance.now() - startedMs) / 1000;
      await listener.epoch?.({ epoch, lr, loss: meanLoss, metrics, classes, step: course.step, seconds, measured });
      const { watch, reason } = watchEpoch(progress.divergence, { epoch, loss: meanLoss, metrics }, divergence);
      progress.divergence = watch;
      if (reason !== null) return { state: 'diverged', epoch, reason, metrics };
      if (epoch % checkpoints.everyEpochs === 0 || epoch === epochs) await save();
    }
    evaluated ??= await evaluate();
    const evaluations = [{ ...evaluated, trivial: floors[0]! }];
    for (const [index, part] of others.entries()) {
      evaluations.push({ ...(await evaluatePart(part)), trivial: floors[index + 1]! });
    }
    return { state: 'finished', steps: course.step, metrics: evaluated.metrics, evaluations };
  } finally {
    optimizer.dispose();
    dispose();
    replayedForward?.dispose();
  }
}

/** How far a training has come. */
interface Course {
  /** Steps done since the start of training. */
  step: number;
  /** All processes agreed to stop before the next step. */
  stop: boolean;
  progress: TrainingProgress;
}

interface Stepping {
  strategy: DistributionStrategy;
  schedule: Schedule;
  listener: TrainListener;
  stopWanted: () => boolean;
  sampler: ReturnType<typeof batchSampler>;
  optimizer: ReturnType<typeof optimizerFor>;
  computeGradients: ReturnType<typeof gradientStep>['computeGradients'];
}

type StepsDone =
  | { state: 'done'; lr: number; measured: Measured }
  | { state: 'stopped' }
  | { state: 'diverged'; reason: string };

/** Trains the rest of an epoch: until its end, until all agree to stop, or until the loss is not finite. */
async function stepsOfEpoch(course: Course, stepping: Stepping): Promise<StepsDone> {
  const { strategy, schedule, listener, sampler, optimizer, computeGradients } = stepping;
  const { stepsPerEpoch, batchPerWorker } = sampler;
  const { workers } = strategy;
  const { step: from } = course;
  const epoch = Math.floor(from / stepsPerEpoch) + 1;
  const noise = noiseOfSteps({ workers, batchPerWorker });
  const rates = { min: Number.POSITIVE_INFINITY, max: 0 };
  let lr = 0;
  while (course.step < epoch * stepsPerEpoch) {
    if (course.stop) return { state: 'stopped' };
    lr = schedule(course.step / stepsPerEpoch);
    rates.min = Math.min(rates.min, lr);
    rates.max = Math.max(rates.max, lr);
    // The stop request is sent with the gradient, so that it costs no message of its own.
    const { gradients, loss, squares, stop } = await computeGradients(course.step, stepping.stopWanted());
    course.stop = stop;
    if (squares !== null) noise.add(squares);
    optimizer.apply(gradients, { rate: lr, step: course.step + 1 });
    tf.dispose(gradients);
    course.progress.lossSum += loss;
    course.step++;
    strategy.stepDone();
    listener.step?.(course.step);
    const reason = notFinite(loss, epoch);
    if (reason !== null) return { state: 'diverged', reason };
    await new Promise((resolve) => setImmediate(resolve));
  }
  const whole = from % stepsPerEpoch === 0;
  const gradientNoise = whole ? noise.mean() : null;
  const measured = {
    ...(whole ? { lr: [rates], steps: course.step - from } : {}),
    stepsPerEpoch,
    workers,
    batchPerWorker,
    ...(gradientNoise === null ? {} : { gradientNoise }),
  };
  return { state: 'done', lr, measured };
}

interface Part {
  name: string;
  split: Split;
}

/** The wanted parts that the data set has, or the test part if it has none of them. */
function partsOf({ splits }: Dataset, wanted: readonly string[] = []): [Part, ...Part[]] {
  const [first, ...rest] = wanted.flatMap((name) => {
    const split = splits[name];
    return split === undefined ? [] : [{ name, split }];
  });
  return first === undefined ? [{ name: 'test', split: splits.test }] : [first, ...rest];
}

import * as tf from '@tensorflow/tfjs-core';
import type { AutopilotBackend } from '../autopilot-backend.ts';
import { autopilotBackend, toTensor } from '../gradients.ts';
import { grain, pieces } from '../kernels/kernel.ts';

export interface NormalizeOptions {
  /** Added to the variance. */
  eps?: number;
  /** Apply max(0, ·) to the result, in the same pass. */
  relu?: boolean;
}

/** Sizes as in c/normalize.c: statistics over `pixels` and the channels of a group, for each of `outer`. */
interface Extent {
  outer: number;
  pixels: number;
  channels: number;
  groups: number;
}

/**
 * Group normalization (Wu & He 2018) of x [N, ..., C]: mean and variance over all pixels and the C/groups channels of a
 * group. gamma, beta [C].
 */
export function groupNorm<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  groups: number,
  { eps = 1e-5, relu = false }: NormalizeOptions = {},
): T {
  const channels = x.shape.at(-1)!;
  if (!Number.isInteger(channels / groups) || groups < 1)
    throw new Error(`groupNorm: ${channels} channels cannot be split into ${groups} groups`);
  const outer = x.shape[0]!;
  const extent = { outer, pixels: x.size / outer / channels, channels, groups };
  const { y, mean, variance } = normalize(x, gamma, beta, extent, eps, relu);
  if (autopilotBackend()) tf.dispose([mean, variance]);
  return y;
}

/** Group normalization with one channel per group. */
export function instanceNorm<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  options: NormalizeOptions = {},
): T {
  return groupNorm(x, gamma, beta, x.shape.at(-1)!, options);
}

/**
 * Batch normalization in training: mean and variance per channel over batch and pixels, also returned for the moving
 * averages (the variance divides by the count; gradients flow only through y).
 */
export function batchNorm<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  { eps = 1e-3, relu = false }: NormalizeOptions = {},
): { y: T; mean: tf.Tensor1D; variance: tf.Tensor1D } {
  const channels = x.shape.at(-1)!;
  const extent = { outer: 1, pixels: x.size / channels, channels, groups: channels };
  const { y, mean, variance } = normalize(x, gamma, beta, extent, eps, relu);
  return { y, mean: tf.reshape(mean, [channels]), variance: tf.reshape(variance, [channels]) };
}

interface Normalized<T> {
  y: T;
  mean: tf.Tensor;
  variance: tf.Tensor;
}

function normalize<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  extent: Extent,
  eps: number,
  relu: boolean,
): Normalized<T> {
  const backend = autopilotBackend();
  if (!backend) return composed(x, gamma, beta, extent, eps, relu);
  let statistics: Pick<Normalized<T>, 'mean' | 'variance'> | undefined;
  const operation = tf.customGrad((...args) => {
    const [image, scale, shift, save] = args as unknown as [T, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const { y, mean, variance } = forward<T>(backend, image, scale, shift, extent, eps, relu);
    // Tensors made here are disposed with the operation, but these two are returned below.
    statistics = { mean: tf.keep(tf.clone(mean)), variance: tf.keep(tf.clone(variance)) };
    save([image, scale, mean, variance, ...(relu ? [y] : [])]);
    return {
      value: y,
      gradFunc: (dy, saved) => gradient(backend, dy as tf.Tensor, saved, extent, eps) as unknown as tf.Tensor,
    };
  });
  const y = operation(x, gamma, beta) as T;
  const { mean, variance } = statistics!;
  const result = { y, mean: tf.clone(mean), variance: tf.clone(variance) };
  tf.dispose([mean, variance]);
  return result;
}

/** Pixels per block of sums, and the number of blocks: determined by the shape. */
function blockOf({ pixels, channels }: Extent): { block: number; blocks: number } {
  const block = Math.max(64, Math.ceil(grain / channels));
  return { block, blocks: pieces(pixels, block) };
}

function forward<T extends tf.Tensor>(
  backend: AutopilotBackend,
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  extent: Extent,
  eps: number,
  relu: boolean,
): Normalized<T> {
  const { device } = backend;
  const { outer, pixels, channels, groups } = extent;
  const { block, blocks } = blockOf(extent);
  const at = { x: backend.address(x), gamma: backend.address(gamma), beta: backend.address(beta) };
  const mean = backend.output([outer, channels]);
  const variance = backend.output([outer, channels]);
  const y = backend.output(x.shape);
  backend.withMemory(outer * blocks * 2 * channels, (sums) => {
    const shape = [pixels, channels, block];
    device.run('channel_sums', [0, at.x, 0, 0, 0, sums, ...shape], outer * blocks);
    device.run('group_mean', [sums, blocks, outer, channels, groups, 0, mean.address, pixels], outer);
    device.run('channel_sums', [1, at.x, mean.address, 0, 0, sums, ...shape], outer * blocks);
    device.run('group_mean', [sums, blocks, outer, channels, groups, 1, variance.address, pixels], outer);
  });
  const sizes = [eps, relu ? 1 : 0, y.address, pixels, channels, block];
  const args = [at.x, mean.address, variance.address, at.gamma, at.beta, ...sizes];
  device.run('normalize', args, outer * blocks, 2 * channels);
  return { y: toTensor(y.info), mean: toTensor(mean.info), variance: toTensor(variance.info) };
}

function gradient(
  backend: AutopilotBackend,
  dy: tf.Tensor,
  saved: tf.Tensor[],
  extent: Extent,
  eps: number,
): tf.Tensor[] {
  const { device } = backend;
  const { outer, pixels, channels, groups } = extent;
  const { block, blocks } = blockOf(extent);
  const [x, gamma, mean, variance, y] = saved.map((tensor) => backend.address(tensor));
  const d = backend.address(dy);
  const dx = backend.output(dy.shape);
  const dgamma = backend.output([channels]);
  const dbeta = backend.output([channels]);
  backend.withMemory(outer * blocks * 2 * channels, (sums) =>
    backend.withMemory(outer * 3 * channels, (coefficients) => {
      const mode = y === undefined ? 2 : 3;
      device.run('channel_sums', [mode, x!, 0, d, y ?? 0, sums, pixels, channels, block], outer * blocks);
      const out = [dgamma.address, dbeta.address, coefficients];
      const args = [sums, blocks, outer, channels, groups, mean!, variance!, gamma!, eps, pixels, ...out];
      device.run('normalize_gradient_sums', args, 1);
      const shape = [pixels, channels, block];
      device.run('normalize_gradient', [d, x!, coefficients, dx.address, y ?? 0, ...shape], outer * blocks);
    }),
  );
  return [toTensor(dx.info), toTensor(dgamma.info), toTensor(dbeta.info)];
}

/** The same, composed of ordinary operations, for other back ends. */
function composed<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  { outer, pixels, channels, groups }: Extent,
  eps: number,
  relu: boolean,
): Normalized<T> {
  const grouped = tf.reshape(x, [outer, pixels, groups, channels / groups]);
  const { mean, variance } = tf.moments(grouped, [1, 3], true);
  const normal = tf.reshape(tf.mul(tf.sub(grouped, mean), tf.rsqrt(tf.add(variance, eps))), x.shape);
  const y = tf.add(tf.mul(normal, gamma), beta) as T;
  return { y: relu ? tf.relu(y) : y, mean, variance };
}

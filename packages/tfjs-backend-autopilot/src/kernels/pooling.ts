import {
  type AvgPoolAttrs,
  type AvgPoolGradInputs,
  type AvgPoolInputs,
  backend_util,
  type MaxPoolAttrs,
  type MaxPoolGradAttrs,
  type MaxPoolGradInputs,
  type MaxPoolInputs,
} from '@tensorflow/tfjs-core';
import type { AutopilotBackend } from '../autopilot-backend.ts';
import { type Given, grain, isFloat, kernel, pieces } from './kernel.ts';

type Info = ReturnType<typeof backend_util.computePool2DInfo>;

function poolInfo(shape: number[], attrs: Omit<MaxPoolAttrs, 'dimRoundingMode'> & Partial<MaxPoolAttrs>): Info {
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  return backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}

/** The window's arguments in the order in which c/pooling.c reads them. */
function windowArguments(c: Info): number[] {
  return [c.inHeight, c.inWidth, c.inChannels, c.outHeight, c.outWidth]
    .concat([c.filterHeight, c.filterWidth])
    .concat([c.strideHeight, c.strideWidth, c.dilationHeight, c.dilationWidth, c.padInfo.top, c.padInfo.left]);
}

/** Output rows per item. */
function rowChunk(c: Info): number {
  return Math.max(1, Math.ceil(grain / (c.outWidth * c.inChannels)));
}

/** Channels per item: all of them, unless there are fewer images than threads. */
function channelGroup(backend: AutopilotBackend, c: Info): number {
  const { threads } = backend.device;
  if (c.batchSize >= threads) return c.inChannels;
  return Math.max(16, Math.ceil(c.inChannels / threads / 16) * 16);
}

function isPlain2x2(c: Info): boolean {
  const { padInfo } = c;
  const twos = [c.filterHeight, c.filterWidth, c.strideHeight, c.strideWidth].every((value) => value === 2);
  return (
    twos && padInfo.top === 0 && padInfo.left === 0 && c.outHeight === c.inHeight >> 1 && c.outWidth === c.inWidth >> 1
  );
}

const poolForward =
  (name: 'max_pool' | 'average_pool') =>
  (backend: AutopilotBackend, { x }: Given<MaxPoolInputs>, attrs: MaxPoolAttrs) => {
    if (!isFloat(x)) return undefined;
    const c = poolInfo(x.shape, attrs);
    const from = backend.address(x);
    const y = backend.output(c.outShape);
    const chunk = rowChunk(c);
    const args = [from, y.address, chunk, c.batchSize, ...windowArguments(c)];
    backend.device.run(name, args, pieces(c.batchSize * c.outHeight, chunk));
    return y.info;
  };

export const poolingKernels = [
  kernel<MaxPoolInputs, MaxPoolAttrs>('MaxPool', poolForward('max_pool')),
  kernel<AvgPoolInputs, AvgPoolAttrs>('AvgPool', poolForward('average_pool')),
  kernel<MaxPoolGradInputs, MaxPoolGradAttrs>('MaxPoolGrad', (backend, { dy, input }, attrs) => {
    if (!isFloat(dy, input)) return undefined;
    const c = poolInfo(input.shape, attrs);
    const [x, g] = [backend.address(input), backend.address(dy)];
    const dx = backend.output(input.shape);
    if (isPlain2x2(c)) {
      const chunk = rowChunk(c);
      const args = [x, g, dx.address, chunk, c.batchSize, ...windowArguments(c)];
      backend.device.run('max_pool_gradient_2x2', args, pieces(c.batchSize * c.outHeight, chunk));
      return dx.info;
    }
    const group = channelGroup(backend, c);
    const args = [x, g, dx.address, group, ...windowArguments(c)];
    backend.device.run('max_pool_gradient', args, c.batchSize * pieces(c.inChannels, group));
    return dx.info;
  }),
  kernel<AvgPoolGradInputs, AvgPoolAttrs>('AvgPoolGrad', (backend, { dy, input }, attrs) => {
    if (!isFloat(dy)) return undefined;
    const c = poolInfo(input.shape, attrs);
    const g = backend.address(dy);
    const dx = backend.output(input.shape);
    const group = channelGroup(backend, c);
    const args = [g, dx.address, group, 0, 1, ...windowArguments(c)];
    backend.device.run('average_pool_gradient', args, c.batchSize * pieces(c.inChannels, group));
    return dx.info;
  }),
];

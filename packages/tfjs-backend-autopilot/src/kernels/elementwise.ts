import {
  type BinaryInputs,
  backend_util,
  type LeakyReluAttrs,
  type TensorInfo,
  type UnaryInputs,
  util,
} from '@tensorflow/tfjs-core';
import type { AutopilotBackend } from '../autopilot-backend.ts';
import { padLeft, planBroadcast } from './broadcast.ts';
import { grain, isFloat, kernel, pieces } from './kernel.ts';

/** Operations of c/elementwise.c, in the order of its enums. */
const unaryNames = [
  'Neg',
  'Exp',
  'Log',
  'Square',
  'Sqrt',
  'Rsqrt',
  'Reciprocal',
  'Abs',
  'Sigmoid',
  'Tanh',
  'Relu',
  'Relu6',
].concat(['LeakyRelu', 'Elu']);
const binaryNames = ['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'SquaredDifference'];

/** y = f(x); `parameter` is LeakyRelu's slope. */
export function unary(backend: AutopilotBackend, op: string, x: TensorInfo, parameter = 0): TensorInfo {
  const from = backend.address(x);
  const y = backend.output(x.shape);
  const size = util.sizeFromShape(x.shape);
  backend.device.run('unary', [unaryNames.indexOf(op), from, y.address, size, grain, parameter], pieces(size, grain));
  return y.info;
}

/** a op b with broadcasting; undefined if the kernel cannot do it, as with more than four dimensions after merging. */
export function binary(backend: AutopilotBackend, op: string, a: TensorInfo, b: TensorInfo): TensorInfo | undefined {
  const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const plan = planBroadcast(a.shape, b.shape, shape);
  if (plan.dims.length > 4) return undefined;
  if (plan.left.at(-1) === 0 && plan.right.at(-1) === 0) return undefined;
  const [x, y] = [backend.address(a), backend.address(b)];
  const out = backend.output(shape);
  const dims = padLeft(plan.dims, 4, 1);
  const rows = dims[0]! * dims[1]! * dims[2]!;
  const chunk = Math.max(1, Math.ceil(grain / dims[3]!));
  backend.device.run(
    'binary',
    [
      binaryNames.indexOf(op),
      x,
      y,
      out.address,
      ...dims,
      ...padLeft(plan.left, 4, 0),
      ...padLeft(plan.right, 4, 0),
      chunk,
      grain,
    ],
    rows === 1 ? pieces(dims[3]!, grain) : pieces(rows, chunk),
  );
  return out.info;
}

/** dx = y > 0 ? dy : 0. */
export function reluGradient(backend: AutopilotBackend, dy: TensorInfo, y: TensorInfo): TensorInfo {
  const [g, v] = [backend.address(dy), backend.address(y)];
  const dx = backend.output(y.shape);
  const size = util.sizeFromShape(y.shape);
  backend.device.run('relu_gradient', [g, v, dx.address, size, grain], pieces(size, grain));
  return dx.info;
}

export const elementwiseKernels = [
  ...unaryNames.map((name) =>
    kernel<UnaryInputs, Partial<LeakyReluAttrs>>(name, (backend, { x }, { alpha }) =>
      isFloat(x) ? unary(backend, name, x, alpha ?? 0) : undefined,
    ),
  ),
  ...binaryNames.map((name) =>
    kernel<BinaryInputs>(name, (backend, { a, b }) => (isFloat(a, b) ? binary(backend, name, a, b) : undefined)),
  ),
];

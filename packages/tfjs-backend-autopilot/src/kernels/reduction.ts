import {
  backend_util,
  type MaxAttrs,
  type MaxInputs,
  type MeanAttrs,
  type MeanInputs,
  type MinAttrs,
  type MinInputs,
  type SumAttrs,
  type SumInputs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { AutopilotBackend } from '../autopilot-backend.ts';
import { grain, isFloat, kernel, pieces } from './kernel.ts';

const operations = { sum: 0, max: 1, min: 2 };
type Operation = keyof typeof operations;

/** Runs of dimensions that are all kept or all reduced, ignoring dimensions of size 1. */
function runsOf(shape: readonly number[], axes: readonly number[]): { size: number; reduced: boolean }[] {
  const runs: { size: number; reduced: boolean }[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const reduced = axes.includes(axis);
    const last = runs.at(-1);
    if (last && last.reduced === reduced) last.size *= size;
    else runs.push({ size, reduced });
  });
  return runs;
}

/** Reduces the middle of [outer][length][inner] at address `x`, in fixed blocks that are then reduced in order. */
export function reduceMiddle(
  backend: AutopilotBackend,
  operation: Operation,
  at: { x: number; out: number },
  { outer, length, inner }: { outer: number; length: number; inner: number },
  factor = 1,
): void {
  const lines = Math.max(128, Math.ceil(grain / inner));
  const blocks = pieces(length, lines);
  const run = (x: number, out: number, size: number, chunk: number, scale: number) => {
    const args = [operations[operation], x, out, outer, size, inner, chunk, scale];
    backend.device.run('reduce', args, outer * pieces(size, chunk));
  };
  if (blocks === 1) {
    run(at.x, at.out, length, length, factor);
    return;
  }
  backend.withMemory(outer * blocks * inner, (partial) => {
    run(at.x, partial, length, lines, 1);
    run(partial, at.out, blocks, blocks, factor);
  });
}

/** The reduction over any axes: one run of reduced dimensions after the other, last first. */
function reduce(
  backend: AutopilotBackend,
  operation: Operation,
  x: TensorInfo,
  { axis, keepDims }: { axis: number | number[]; keepDims: boolean },
  mean = false,
): TensorInfo | undefined {
  if (!isFloat(x) || util.sizeFromShape(x.shape) === 0) return undefined;
  const axes = util.parseAxisParam(axis, x.shape);
  if (new Set(axes).size < axes.length) return undefined;
  const [kept, reducedShape] = backend_util.computeOutAndReduceShapes(x.shape, axes);
  const factor = mean ? 1 / util.sizeFromShape(reducedShape) : 1;
  const shape = keepDims ? backend_util.expandShapeToKeepDim(kept, axes) : kept;
  const runs = runsOf(x.shape, axes);
  if (!runs.some((run) => run.reduced)) runs.push({ size: 1, reduced: true });
  const from = backend.address(x);
  const out = backend.output(shape);
  const step = (address: number): void => {
    const index = runs.findLastIndex((run) => run.reduced);
    const outer = product(runs.slice(0, index));
    const inner = product(runs.slice(index + 1));
    const [run] = runs.splice(index, 1);
    const sizes = { outer, length: run!.size, inner };
    const last = !runs.some((other) => other.reduced);
    if (last) {
      reduceMiddle(backend, operation, { x: address, out: out.address }, sizes, factor);
      return;
    }
    backend.withMemory(outer * inner, (partial) => {
      reduceMiddle(backend, operation, { x: address, out: partial }, sizes);
      step(partial);
    });
  };
  step(from);
  return out.info;
}

function product(runs: readonly { size: number }[]): number {
  return runs.reduce((total, run) => total * run.size, 1);
}

export const reductionKernels = [
  kernel<SumInputs, SumAttrs>('Sum', (backend, { x }, attrs) => reduce(backend, 'sum', x, attrs)),
  kernel<MeanInputs, MeanAttrs>('Mean', (backend, { x }, attrs) => reduce(backend, 'sum', x, attrs, true)),
  kernel<MaxInputs, MaxAttrs>('Max', (backend, { x }, { reductionIndices, keepDims }) =>
    reduce(backend, 'max', x, { axis: reductionIndices, keepDims }),
  ),
  kernel<MinInputs, MinAttrs>('Min', (backend, { x }, attrs) => reduce(backend, 'min', x, attrs)),
];

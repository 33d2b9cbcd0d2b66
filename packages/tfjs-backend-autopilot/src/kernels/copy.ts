import {
  backend_util,
  type ConcatAttrs,
  type ConcatInputs,
  type PadV2Attrs,
  type PadV2Inputs,
  type SliceAttrs,
  type SliceInputs,
  type SplitVAttrs,
  type SplitVInputs,
  slice_util,
  type TensorInfo,
  type TransposeAttrs,
  type TransposeInputs,
  util,
} from '@tensorflow/tfjs-core';
import type { AutopilotBackend } from '../autopilot-backend.ts';
import { padLeft } from './broadcast.ts';
import { grain, isFloat, kernel, pieces } from './kernel.ts';

/** A block of memory to copy: dimensions with strides on both sides, outermost first. */
interface Copy {
  from: number;
  to: number;
  dims: number[];
  source: number[];
  target: number[];
}

/** Copies a strided block of any rank; merges dimensions contiguous on both sides, and loops over more than five. */
export function copyBlock(backend: AutopilotBackend, { from, to, dims, source, target }: Copy): void {
  const merged: [number, number, number][] = [];
  for (let i = dims.length - 1; i >= 0; i--) {
    if (dims[i] === 1) continue;
    const inner = merged[0];
    if (inner && source[i] === inner[0] * inner[1] && target[i] === inner[0] * inner[2]) inner[0] *= dims[i]!;
    else merged.unshift([dims[i]!, source[i]!, target[i]!]);
  }
  if (merged.length > 5) {
    const [size, jumpFrom, jumpTo] = merged[0]!;
    const rest = merged.slice(1);
    const [restDims, restSource, restTarget] = [0, 1, 2].map((k) => rest.map((dim) => dim[k]!)) as [
      number[],
      number[],
      number[],
    ];
    for (let i = 0; i < size; i++)
      copyBlock(backend, {
        from: from + i * jumpFrom * 4,
        to: to + i * jumpTo * 4,
        dims: restDims,
        source: restSource,
        target: restTarget,
      });
    return;
  }
  const sizes = padLeft(
    merged.map((dim) => dim[0]),
    5,
    1,
  );
  if (merged.length === 0) merged.push([1, 1, 1]);
  const rows = sizes.slice(0, 4).reduce((a, b) => a * b, 1);
  if (rows === 1 && sizes[4]! > 2 * grain && merged.at(-1)![1] === 1 && merged.at(-1)![2] === 1) {
    const op = 16;
    backend.device.run('unary', [op, from, to, sizes[4]!, grain, 0], pieces(sizes[4]!, grain));
    return;
  }
  const chunk = Math.max(1, Math.ceil(grain / sizes[4]!));
  const strides = [
    ...padLeft(
      merged.map((dim) => dim[1]),
      5,
      0,
    ),
    ...padLeft(
      merged.map((dim) => dim[2]),
      5,
      0,
    ),
  ];
  backend.device.run('copy_block', [from, to, ...sizes, ...strides, chunk], pieces(rows, chunk));
}

function rowMajor(shape: readonly number[]): number[] {
  const result = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) result[i] = result[i + 1]! * shape[i + 1]!;
  return result;
}

/** Copies the block of `size` at `begin` of x into new memory. */
function sliceOf(backend: AutopilotBackend, x: TensorInfo, begin: readonly number[], size: number[]): TensorInfo {
  const from = backend.address(x);
  const out = backend.output(size);
  const source = rowMajor(x.shape);
  const offset = begin.reduce((sum, at, axis) => sum + at * source[axis]!, 0);
  if (util.sizeFromShape(size) > 0)
    copyBlock(backend, { from: from + offset * 4, to: out.address, dims: size, source, target: rowMajor(size) });
  return out.info;
}

export const copyKernels = [
  kernel<ConcatInputs, ConcatAttrs>('Concat', (backend, inputs, attrs) => {
    const list = Object.values(inputs as unknown as Record<string, TensorInfo>);
    if (!isFloat(...list)) return undefined;
    const axis = util.parseAxisParam(attrs.axis, list[0]!.shape)[0]!;
    const shape = backend_util.computeOutShape(
      list.map((tensor) => tensor.shape),
      axis,
    );
    const froms = list.map((tensor) => backend.address(tensor));
    const out = backend.output(shape);
    const outer = util.sizeFromShape(shape.slice(0, axis));
    const line = util.sizeFromShape(shape.slice(axis));
    let offset = 0;
    list.forEach((tensor, i) => {
      const width = util.sizeFromShape(tensor.shape.slice(axis));
      const block = { dims: [outer, width], source: [width, 1], target: [line, 1] };
      if (width > 0 && outer > 0) copyBlock(backend, { from: froms[i]!, to: out.address + offset * 4, ...block });
      offset += width;
    });
    return out.info;
  }),
  kernel<SplitVInputs, SplitVAttrs>('SplitV', (backend, { x }, { numOrSizeSplits, axis }) => {
    if (!isFloat(x)) return undefined;
    const at = util.parseAxisParam(axis, x.shape)[0]!;
    const begin = new Array<number>(x.shape.length).fill(0);
    return backend_util
      .prepareSplitSize(x as Parameters<typeof backend_util.prepareSplitSize>[0], numOrSizeSplits, at)
      .map((width) => {
        const size = x.shape.slice();
        size[at] = width;
        const part = sliceOf(backend, x, begin, size);
        begin[at]! += width;
        return part;
      });
  }),
  kernel<SliceInputs, SliceAttrs>('Slice', (backend, { x }, { begin, size }) => {
    if (!isFloat(x)) return undefined;
    const [from, extent] = slice_util.parseSliceParams(
      x as Parameters<typeof slice_util.parseSliceParams>[0],
      begin,
      size,
    );
    slice_util.assertParamsValid(x, from!, extent!);
    return sliceOf(backend, x, from!, extent!);
  }),
  kernel<TransposeInputs, TransposeAttrs>('Transpose', (backend, { x }, { perm }) => {
    if (!isFloat(x)) return undefined;
    const from = backend.address(x);
    const shape = perm.map((axis) => x.shape[axis]!);
    const out = backend.output(shape);
    const strides = rowMajor(x.shape);
    const source = perm.map((axis) => strides[axis]!);
    if (util.sizeFromShape(shape) > 0)
      copyBlock(backend, { from, to: out.address, dims: shape, source, target: rowMajor(shape) });
    return out.info;
  }),
  kernel<PadV2Inputs, PadV2Attrs>('PadV2', (backend, { x }, { paddings, constantValue }) => {
    if (!isFloat(x)) return undefined;
    const shape = x.shape.map((size, axis) => size + paddings[axis]![0] + paddings[axis]![1]);
    const from = backend.address(x);
    const out = backend.output(shape);
    const total = util.sizeFromShape(shape);
    backend.device.run('fill', [out.address, total, grain, constantValue], pieces(total, grain));
    const target = rowMajor(shape);
    const offset = paddings.reduce((sum, [before], axis) => sum + before * target[axis]!, 0);
    const block = { dims: x.shape, source: rowMajor(x.shape), target };
    if (util.sizeFromShape(x.shape) > 0) copyBlock(backend, { from, to: out.address + offset * 4, ...block });
    return out.info;
  }),
];

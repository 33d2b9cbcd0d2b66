import type {
  _FusedMatMulAttrs,
  _FusedMatMulInputs,
  BatchMatMulAttrs,
  BatchMatMulInputs,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import type { AutopilotBackend } from '../autopilot-backend.ts';
import { copyBlock } from './copy.ts';
import { filterItems, isFloat, kernel, pieces } from './kernel.ts';

interface Product {
  a: TensorInfo;
  b: TensorInfo;
  transposeA: boolean;
  transposeB: boolean;
  bias?: TensorInfo | undefined;
  relu: boolean;
}

/** C[n] = act(op(A[n]) op(B[n]) + bias) for matrices of rank 3 with equal batches. */
function matMul(
  backend: AutopilotBackend,
  { a, b, transposeA, transposeB, bias, relu }: Product,
): TensorInfo | undefined {
  if (!isFloat(a, b) || a.shape.length !== 3 || b.shape.length !== 3 || a.shape[0] !== b.shape[0]) return undefined;
  const batch = a.shape[0]!;
  const [rows, depth] = transposeA ? [a.shape[2]!, a.shape[1]!] : [a.shape[1]!, a.shape[2]!];
  const columns = transposeB ? b.shape[1]! : b.shape[2]!;
  if (batch * rows * depth * columns === 0) return undefined;
  if (bias && (!isFloat(bias) || bias.shape.at(-1) !== columns || bias.shape.slice(0, -1).some((size) => size !== 1)))
    return undefined;
  const { device } = backend;
  const at = { a: backend.address(a), b: backend.address(b), bias: bias ? backend.address(bias) : 0 };
  const out = backend.output([batch, rows, columns]);
  const panels = pieces(columns, device.lanes);
  const bf16 = backend.precision === 'bf16' && rows >= 8 && depth >= 8 && columns >= 8;
  const words = bf16 ? pieces(depth, 2) : depth;
  const packedSize = panels * device.lanes * words;
  const chunk = Math.max(12, Math.ceil(rows / (device.threads * 2) / 12) * 12);
  const multiply = (left: number) =>
    backend.withMemory(batch * packedSize, (packed) => {
      for (let n = 0; n < batch; n++) {
        const from = at.b + n * depth * columns * 4;
        const shape = transposeB ? [from, 1, columns, depth] : [from, 1, depth, columns];
        const args = [...shape, 0, 1, 1, 0, 1, 1, transposeB ? 1 : 0, packed + n * packedSize * 4];
        device.run(bf16 ? 'pack_filter_bf16' : 'pack_filter', args, filterItems(columns));
      }
      const sizes = [rows, depth, columns, chunk];
      const args = [left, rows * depth, packed, packedSize, at.bias, relu ? 1 : 0, out.address, ...sizes];
      device.run(bf16 ? 'matmul_bf16' : 'matmul', args, batch * pieces(rows, chunk), bf16 ? chunk * words : 0);
    });
  if (!transposeA) multiply(at.a);
  else
    backend.withMemory(batch * rows * depth, (turned) => {
      const dims = [batch, rows, depth];
      copyBlock(backend, {
        from: at.a,
        to: turned,
        dims,
        source: [rows * depth, 1, rows],
        target: [rows * depth, depth, 1],
      });
      multiply(turned);
    });
  return out.info;
}

export const matMulKernels = [
  kernel<BatchMatMulInputs, BatchMatMulAttrs>('BatchMatMul', (backend, { a, b }, { transposeA, transposeB }) =>
    matMul(backend, { a, b, transposeA, transposeB, relu: false }),
  ),
  kernel<_FusedMatMulInputs, _FusedMatMulAttrs>(
    '_FusedMatMul',
    (backend, inputs, { transposeA, transposeB, activation }) => {
      const { a, b, bias, preluActivationWeights } = inputs;
      if (preluActivationWeights || (activation !== 'linear' && activation !== 'relu')) return undefined;
      return matMul(backend, { a, b, bias, transposeA, transposeB, relu: activation === 'relu' });
    },
  ),
];

import {
  type LogSoftmaxAttrs,
  type LogSoftmaxInputs,
  type SoftmaxAttrs,
  type SoftmaxInputs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { AutopilotBackend } from '../autopilot-backend.ts';
import { isFloat, kernel, pieces } from './kernel.ts';

/** Rows per item: exp is about ten times the work of an addition. */
export function rowsOfItem(columns: number): number {
  return Math.max(16, Math.ceil(4096 / columns));
}

function softmax(backend: AutopilotBackend, logits: TensorInfo, dim: number, log: boolean): TensorInfo | undefined {
  const rank = logits.shape.length;
  const columns = logits.shape[rank - 1];
  if (!isFloat(logits) || !columns || (dim !== -1 && dim !== rank - 1)) return undefined;
  const x = backend.address(logits);
  const y = backend.output(logits.shape);
  const rows = util.sizeFromShape(logits.shape) / columns;
  const chunk = rowsOfItem(columns);
  backend.device.run('softmax', [x, y.address, rows, columns, chunk, log ? 1 : 0], pieces(rows, chunk));
  return y.info;
}

export const softmaxKernels = [
  kernel<SoftmaxInputs, SoftmaxAttrs>('Softmax', (backend, { logits }, { dim }) =>
    softmax(backend, logits, dim, false),
  ),
  kernel<LogSoftmaxInputs, LogSoftmaxAttrs>('LogSoftmax', (backend, { logits }, { axis }) =>
    softmax(backend, logits, axis, true),
  ),
];
